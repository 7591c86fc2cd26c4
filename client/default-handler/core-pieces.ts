import { elfClassByIdent } from '../../capture/elf/elf-class.ts';
import { readElfHeader } from '../../capture/elf/elf-header.ts';
import { eachNote } from '../../capture/elf/notes.ts';
import { PT_NOTE, readProgramHeader } from '../../capture/elf/program-header.ts';

/** What the kernel writes at once, and how many bytes it then leaves out. */
export interface CorePiece {
  bytes: number;
  padding: number;
}

/** Elf64_Nhdr: elf(5). */
const NOTE_HEADER_BYTES = 12;

/**
 * The pieces in which the kernel writes a core's beginning: the ELF header, each program header, and of each note its header,
 * its name and its description (fs/binfmt_elf.c, elf_core_dump() and writenote()). Under a limit the first that does not fit
 * is the first that is missing.
 *
 * @param head From the core's first byte to the end of its notes.
 */
export function corePieces(head: Buffer): CorePiece[] {
  const elfClass = elfClassByIdent(head[4]);
  const header = readElfHeader(head);
  if (elfClass === null || header === null) return [{ bytes: head.length, padding: 0 }];
  const { headerBytes, programHeaderBytes } = elfClass;
  const pieces: CorePiece[] = [{ bytes: headerBytes, padding: 0 }];
  const first = header.programHeadersOffset;
  // The kernel's own order: the note is the first of the program headers, and follows the last of them.
  const isRoom = first + programHeaderBytes <= head.length;
  const note = isRoom ? readProgramHeader(head, first, elfClass) : null;
  const count = note === null ? 0 : (note.offset - first) / programHeaderBytes;
  if (
    note?.type !== PT_NOTE ||
    first !== headerBytes ||
    !Number.isInteger(count) ||
    note.offset > head.length
  ) {
    return [{ bytes: head.length, padding: 0 }];
  }
  for (let index = 0; index < count; index += 1) pieces.push({ bytes: programHeaderBytes, padding: 0 });
  for (const { at, start, end, next } of eachNote(head.subarray(note.offset))) {
    const nameBytes = head.readUInt32LE(note.offset + at);
    pieces.push(
      { bytes: NOTE_HEADER_BYTES, padding: 0 },
      { bytes: nameBytes, padding: start - at - NOTE_HEADER_BYTES - nameBytes },
      { bytes: end - start, padding: next - end },
    );
  }
  return pieces;
}
