/** A note, as places in the bytes that it was found in: nothing is copied. */
export interface Note {
  /** n_type; what it means depends on the name. */
  type: number;
  /** Without its closing zero byte. */
  name: string;
  /** Where the note begins, with its header. */
  at: number;
  /** The description: from `start` up to, not including, `end`. */
  start: number;
  end: number;
  /** Where the next note begins. */
  next: number;
}

/** sizeof(Elf64_Nhdr) and sizeof(Elf32_Nhdr): elf(5). */
const NOTE_HEADER_BYTES = 12;
/** `CORE`, `LINUX`, `GNU`, `stapsdt`: names are short; a longer one is garbage. */
const MAX_NAME_BYTES = 64;
/** `CORE` as a little-endian number: the name of nearly all notes of a core, thousands of them. */
const CORE = 0x45524f43;

/**
 * The notes in a PT_NOTE, whose parts are padded to 4 bytes: elf(5). Ends before a note that runs past the end; the
 * caller sees that by comparing the last `next` with the length.
 */
export function* eachNote(bytes: Buffer): Generator<Note> {
  for (let at = 0; at + NOTE_HEADER_BYTES <= bytes.length; ) {
    const nameBytes = bytes.readUInt32LE(at);
    const nameAt = at + NOTE_HEADER_BYTES;
    const start = nameAt + padded(nameBytes);
    const end = start + bytes.readUInt32LE(at + 4);
    if (nameBytes > MAX_NAME_BYTES || end > bytes.length) return;
    const isCore = nameBytes === 5 && bytes.readUInt32LE(nameAt) === CORE;
    const name = isCore ? 'CORE' : bytes.toString('latin1', nameAt, nameAt + Math.max(nameBytes - 1, 0));
    // The padding of the last note may be left out.
    const next = Math.min(start + padded(end - start), bytes.length);
    yield { type: bytes.readUInt32LE(at + 8), name, at, start, end, next };
    at = next;
  }
}

/** Up to the next multiple of 4; no bit operations, because lengths reach 2^32. */
function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
