import { eachNote } from './elf/notes.ts';
import { NT_FILE, NT_PRSTATUS } from './read-notes.ts';

/** n_type: include/uapi/linux/elf.h. x87 and SSE registers; everything newer, named `LINUX`. */
const NT_FPREGSET = 2;
const NT_X86_XSTATE = 0x202;
/** Where an i386 thread's control block is: as much needed as its general registers. */
const NT_386_TLS = 0x200;

/** The notes of a small core. */
export interface ShrunkNotes {
  bytes: Buffer;
  /** What was left out, in words. */
  omitted: string[];
}

/**
 * Leaves notes out until they fit, what a backtrace misses least first: the wide vector registers (2.7 KB a thread on
 * a machine with AVX-512) of all threads but the one that died, then their floating-point registers, then the list of
 * mapped files (gdb finds them by the linker's list), then whole threads from the last on. The notes of the one that died,
 * which come first, and the others about the process always stay.
 *
 * @param notes Of the core's head; returned as they are where they fit.
 * @param limits `leastBytes`: what the threads that did not die get in any case, however much of `limitBytes` the others
 *   take: where a processor has matrix registers (AMX), one thread's are 11 KiB.
 */
export function shrinkNotes(
  notes: Buffer,
  { limitBytes, leastBytes }: { limitBytes: number; leastBytes: number },
): ShrunkNotes {
  if (notes.length <= limitBytes) return { bytes: notes, omitted: [] };
  // Numbers only: there may be a hundred thousand notes.
  const starts: number[] = [];
  const threads: number[] = [];
  const ranks: Rank[] = [];
  let thread = -1;
  let end = 0;
  let staying = 0;
  for (const { type, name, at, next } of eachNote(notes)) {
    if (name === 'CORE' && type === NT_PRSTATUS) thread += 1;
    starts.push(at);
    threads.push(thread);
    // fs/binfmt_elf.c write_note_info(): the notes of the process follow the registers of the first thread.
    const rank = thread < 1 ? rankOfFirst(type, name) : rankOf(type, name);
    ranks.push(rank);
    if (rank === STAYS) staying += next - at;
    end = next;
  }
  starts.push(end);
  const omitted: string[] = [];
  const limit = Math.max(limitBytes, staying + leastBytes);
  let total = end;
  for (const [dropped, what] of DROPPED) {
    const touched = new Set<number>();
    for (let index = ranks.length - 1; index >= 0; index -= 1) {
      if (ranks[index] !== dropped) continue;
      // All of a thread's or none: on i386, general registers without what tells the control block help nobody.
      if (total <= limit && !touched.has(threads[index] ?? 0)) break;
      ranks[index] = GONE;
      total -= (starts[index + 1] ?? end) - (starts[index] ?? end);
      touched.add(threads[index] ?? 0);
    }
    if (touched.size === 0) continue;
    omitted.push(
      dropped === FILE_LIST
        ? `${what}: its note does not fit into the budget`
        : `${what} of ${touched.size} threads: their notes do not fit into the budget`,
    );
  }
  return { bytes: Buffer.concat(partsOf(notes, starts, ranks)), omitted };
}

/** When a note is left out: lower ones first. */
type Rank = number;
const GONE: Rank = -1;
const STAYS: Rank = 0;
const VECTORS: Rank = 1;
const OTHERS: Rank = 2;
const FILE_LIST: Rank = 3;
const GENERAL: Rank = 4;

const DROPPED: readonly (readonly [rank: Rank, what: string])[] = [
  [VECTORS, 'vector registers'],
  [OTHERS, 'other registers than the general ones'],
  [FILE_LIST, 'the list of mapped files'],
  [GENERAL, 'all registers'],
];

function rankOfFirst(type: number, name: string): Rank {
  return name === 'CORE' && type === NT_FILE ? FILE_LIST : STAYS;
}

function rankOf(type: number, name: string): Rank {
  if (name === 'LINUX') return type === NT_X86_XSTATE ? VECTORS : type === NT_386_TLS ? GENERAL : OTHERS;
  return type === NT_FPREGSET ? OTHERS : GENERAL;
}

/** The notes that are not gone, neighbours in one piece. */
function partsOf(notes: Buffer, starts: readonly number[], ranks: readonly Rank[]): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  let to = 0;
  for (const [index, rank] of ranks.entries()) {
    if (rank === GONE) continue;
    const start = starts[index] ?? 0;
    if (start !== to) {
      parts.push(notes.subarray(from, to));
      from = start;
    }
    to = starts[index + 1] ?? start;
  }
  parts.push(notes.subarray(from, to));
  return parts;
}
