import { eachNote } from './elf/notes.ts';
import { NT_PRSTATUS } from './read-notes.ts';

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
 * a machine with AVX-512) of all threads but the one that died, then their floating-point registers, then whole threads
 * from the last on. The notes of the one that died, which come first, and those about the process always stay.
 *
 * @param notes Of the core's head; returned as they are where they fit.
 */
export function shrinkNotes(notes: Buffer, limitBytes: number): ShrunkNotes {
  if (notes.length <= limitBytes) return { bytes: notes, omitted: [] };
  const kept = new Map<number, { type: number; name: string; bytes: number; thread: number }>();
  let thread = -1;
  let total = 0;
  for (const { type, name, at, next } of eachNote(notes)) {
    if (name === 'CORE' && type === NT_PRSTATUS) thread += 1;
    // fs/binfmt_elf.c write_note_info(): the notes of the process follow the registers of the first thread.
    kept.set(at, { type, name, bytes: next - at, thread });
    total += next - at;
  }
  const omitted: string[] = [];
  const drop = (what: string, isIt: (note: { type: number; name: string }) => boolean) => {
    let count = 0;
    for (const [at, note] of [...kept].reverse()) {
      if (total <= limitBytes) break;
      if (note.thread < 1 || !isIt(note)) continue;
      kept.delete(at);
      total -= note.bytes;
      count += 1;
    }
    if (count > 0) omitted.push(`${what} of ${count} threads: their notes do not fit into the budget`);
  };
  drop('vector registers', ({ type, name }) => name === 'LINUX' && type === NT_X86_XSTATE);
  drop(
    'other registers than the general ones',
    ({ type, name }) =>
      (name === 'LINUX' && type !== NT_386_TLS) || (name === 'CORE' && type === NT_FPREGSET),
  );
  drop('all registers', () => true);
  return { bytes: Buffer.concat(partsOf(notes, kept)), omitted };
}

/** The kept notes, neighbours in one piece. */
function partsOf(notes: Buffer, kept: ReadonlyMap<number, { bytes: number }>): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  let end = 0;
  for (const [at, { bytes }] of kept) {
    if (at !== end) {
      parts.push(notes.subarray(start, end));
      start = at;
    }
    end = at + bytes;
  }
  parts.push(notes.subarray(start, end));
  return parts;
}
