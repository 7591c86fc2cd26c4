import { ELF_MAGIC } from '../../capture/elf/elf-magic.ts';
import { bytesAt } from '../../linux/read-at.ts';

/** Sections that hold the texts of debug information: DWARF 5, 7.26 and 6.2.4.1. */
const TEXT_SECTIONS = ['.debug_line_str', '.debug_str'];
/** Most bytes that are read of each, and sections that are looked through for them. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;
const MAX_SECTIONS = 256;
const MAX_NAMES_BYTES = 64 * 1024;
/** A compiler's own directories, and what is no path but begins like one. */
const NO_BUILD = /^\/(?:usr|lib|opt\/gcc)\/|[^\x20-\x7e]|\.[a-zA-Z]{1,3}$/;
const MAX_PATH = 1024;

/** Elf64_Ehdr and Elf64_Shdr: elf(5). */
const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SHF_COMPRESSED = 0x800;

/**
 * Directories in which the parts of an ELF file may have been compiled: the absolute paths among the texts of its debug
 * information, the likeliest first. What is compressed is not looked at.
 *
 * @param fd Open for reading; its position is not used.
 * @param limit Most of them.
 * @throws Node's error where the file cannot be read.
 */
export function compilationDirectories(fd: number, limit: number): string[] {
  const found = new Set<string>();
  for (const text of textSections(fd)) {
    for (let at = 0; at < text.length && found.size < limit; ) {
      const end = text.indexOf(0, at);
      const next = end === -1 ? text.length : end;
      if (text[at] === 0x2f && next - at <= MAX_PATH) {
        const path = text.toString('latin1', at, next);
        if (!NO_BUILD.test(path)) found.add(path);
      }
      at = next + 1;
    }
  }
  return [...found];
}

function textSections(fd: number): Buffer[] {
  const header = bytesAt(fd, 0, HEADER_BYTES);
  const isElf = header.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC);
  if (header.length < HEADER_BYTES || !isElf || header[4] !== 2) return [];
  const count = Math.min(header.readUInt16LE(60), MAX_SECTIONS);
  const table = bytesAt(fd, Number(header.readBigUInt64LE(40)), count * SECTION_BYTES);
  const sections = Array.from({ length: Math.floor(table.length / SECTION_BYTES) }, (_, index) => {
    const at = index * SECTION_BYTES;
    return {
      nameAt: table.readUInt32LE(at),
      flags: Number(table.readBigUInt64LE(at + 8)),
      offset: Number(table.readBigUInt64LE(at + 24)),
      bytes: Number(table.readBigUInt64LE(at + 32)),
    };
  });
  const namesSection = sections[header.readUInt16LE(62)];
  if (namesSection === undefined) return [];
  const names = bytesAt(fd, namesSection.offset, Math.min(namesSection.bytes, MAX_NAMES_BYTES));
  return TEXT_SECTIONS.flatMap((wanted) =>
    sections
      .filter(({ nameAt, flags }) => {
        const isNamed = names.subarray(nameAt, nameAt + wanted.length + 1).equals(Buffer.from(`${wanted}\0`));
        return isNamed && (flags & SHF_COMPRESSED) === 0;
      })
      .map(({ offset, bytes }) => bytesAt(fd, offset, Math.min(bytes, MAX_TEXT_BYTES))),
  );
}
