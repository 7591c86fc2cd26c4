import * as z from 'zod';
import type { Dump } from './dump.ts';
import type { DumpLogLine } from './kernel-log-line.ts';

/**
 * What the journal has a line for. A dump is known by its pid and moment.
 *
 * `undumped`: the kernel had never begun it. `said`: the kernel's log says so, in its record of this number. `read`: up to which
 * record that log has been read.
 */
export type JournalEntry =
  | { kind: 'dump'; dump: Dump }
  | { kind: 'end'; pid: number; atMs: number; end: NonNullable<Dump['end']> }
  | { kind: 'undumped'; pid: number; atMs: number }
  | { kind: 'said'; sequence: number; line: DumpLogLine; atMs: number }
  | { kind: 'read'; sequence: number };

const count = z.number().int().nonnegative();
/** Names are the dead process's own choice: every byte is a character of its own. */
const bytes = z.string().transform((text) => Buffer.from(text, 'latin1'));
const end = z.object({ atMs: z.number(), signal: count.nullable(), isDumped: z.boolean() });
const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('dump'),
    dump: z.object({
      pid: count,
      tid: count,
      atMs: z.number(),
      atUs: count,
      process: z
        .object({
          comm: bytes,
          executable: bytes,
          uid: count,
          startTicks: count,
          namespacePids: z.array(count),
          isDumping: z.boolean(),
          hasMemory: z.boolean(),
        })
        .nullable(),
      lookedAtMs: z.number(),
      otherPattern: z.string().nullable(),
      end: end.nullable(),
    }),
  }),
  z.object({ kind: z.literal('end'), pid: count, atMs: z.number(), end }),
  z.object({ kind: z.literal('undumped'), pid: count, atMs: z.number() }),
  z.object({
    kind: z.literal('said'),
    sequence: count,
    line: z.object({
      pid: count,
      comm: z.string().nullable(),
      reason: z.string(),
      isClients: z.boolean(),
    }),
    atMs: z.number(),
  }),
  z.object({ kind: z.literal('read'), sequence: count }),
]);

/** An entry as a line, without its newline. */
export function formatJournalEntry(entry: JournalEntry): string {
  if (entry.kind !== 'dump') return JSON.stringify(entry);
  // What became of it is not written down: the history tells.
  const { state: _state, told: _told, isWritten: _isWritten, process, ...dump } = entry.dump;
  const names = process && {
    comm: process.comm.toString('latin1'),
    executable: process.executable.toString('latin1'),
  };
  return JSON.stringify({
    kind: entry.kind,
    dump: { ...dump, process: process && { ...process, ...names } },
  });
}

/** The entry of a line; null for one that is torn or none. */
export function parseJournalEntry(line: string): JournalEntry | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null; // Its server was killed midway, or there was no room.
  }
  const { data } = entrySchema.safeParse(parsed);
  if (data?.kind !== 'dump') return data ?? null;
  return { kind: 'dump', dump: { ...data.dump, state: 'open', told: null, isWritten: false } };
}
