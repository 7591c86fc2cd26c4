import * as z from 'zod';

const count = z.number().int().nonnegative();
/** Bytes in the escape of bytes-text.ts, shortened at the front where too long. */
const bytes = z.string();

/**
 * One line of the history: every crash that was seen has one, whether it got a report or not. Any field but `at` may be
 * null. Where a crash has several lines, the last one is true: it had waited, or was thought to be lost and came after
 * all.
 */
export const historyEntrySchema = z.object({
  at: z.object({ iso: z.string(), us: count }),
  /** Boot id, 32 hex digits. */
  boot: z.string().nullable(),
  host: z.string().nullable(),
  pid: count.nullable(),
  uid: count.nullable(),
  /** Path of the executable, else comm. */
  program: bytes.nullable(),
  unit: bytes.nullable(),
  /** SIGSEGV */
  signal: z.string().nullable(),
  quickKey: z.string().nullable(),
  signature: z.object({ text: z.string(), hash: z.string() }).nullable(),
  crashId: z.string().nullable(),
  /** NN of the published report. */
  slot: count.nullable(),
  /** The crash that this one repeats. */
  repeatOf: z.string().nullable(),
  /**
   * `full`: it has a report. `repeat`: the report of another crash stands for it. `pending`: what was captured is kept and
   * waits, `reason` says for what. `not collected`: it is lost, for this `reason`. No crashes are `gap`, a time in which some
   * may be missing here, as `reason` tells, without a crash id; and `withdrawn`, which was thought to be lost and came
   * after all under another id. See {@link isCrash}. May grow.
   */
  collected: z.string(),
  /** Why it was not collected, or only in part. */
  reason: z.string().nullable(),
  /** Milliseconds: how long the process was held, gdb and the rest took, and from the crash to the published report. */
  durations: z
    .object({
      heldMs: z.number().nullable(),
      analysisMs: z.number().nullable(),
      publishedMs: z.number().nullable(),
    })
    .nullable(),
});

export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** Whether an entry tells of a crash: see `collected`. */
export function isCrash({ collected }: HistoryEntry): boolean {
  return collected !== 'gap' && collected !== 'withdrawn';
}

/** The entry of a line, null for one that is torn or no entry. */
export function parseHistoryLine(line: string): HistoryEntry | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null; // Torn by a full disk or a power cut: readers skip such lines.
  }
  const result = historyEntrySchema.safeParse(parsed);
  return result.success ? result.data : null;
}
