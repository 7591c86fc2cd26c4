import { elfClassByIdent } from './elf/elf-class.ts';
import { MIN_ELF_HEADER_BYTES, PN_XNUM, readElfHeader } from './elf/elf-header.ts';
import { PT_NOTE, readProgramHeader } from './elf/program-header.ts';
import { MAX_GAP_BYTES, MAX_NOTE_BYTES, MAX_SEGMENTS } from './read-core-head.ts';

/**
 * How many bytes of a core readCoreHead() will want, as far as its beginning tells: for whoever must not wait for them.
 *
 * @param bytes The core's first bytes, as many as there are.
 * @returns Bytes from the core's beginning on; no more than `bytes` holds where it has all, or where it is no core.
 */
export function coreHeadBytes(bytes: Buffer): number {
  if (bytes.length < MIN_ELF_HEADER_BYTES) return MIN_ELF_HEADER_BYTES;
  const elfClass = elfClassByIdent(bytes[4]);
  if (elfClass === null) return bytes.length;
  if (bytes.length < elfClass.headerBytes) return elfClass.headerBytes;
  const { programHeaderBytes } = elfClass;
  const header = readElfHeader(bytes);
  if (header === null || header.programHeaderBytes !== programHeaderBytes) return bytes.length;
  const table = header.programHeadersOffset;
  if (table > MAX_GAP_BYTES) return bytes.length;
  const first = table + programHeaderBytes;
  if (bytes.length < first) return first;
  // More than fit into the count: the note, which the kernel writes first, begins behind them (see read-core-head.ts).
  const isMany = header.programHeaderCount === PN_XNUM;
  const count = isMany ? 1 : Math.min(header.programHeaderCount, MAX_SEGMENTS);
  const end = table + count * programHeaderBytes;
  if (bytes.length < end) return end;
  for (let at = table; at < end; at += programHeaderBytes) {
    const { type, offset, fileBytes } = readProgramHeader(bytes, at, elfClass);
    if (type !== PT_NOTE) continue;
    return offset > MAX_GAP_BYTES ? bytes.length : offset + Math.min(fileBytes, MAX_NOTE_BYTES);
  }
  return end;
}
