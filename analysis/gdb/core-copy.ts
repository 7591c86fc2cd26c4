import { type ElfClass, elf64, elfClassByIdent } from '../../capture/elf/elf-class.ts';
import { eachNote } from '../../capture/elf/notes.ts';
import { PF_X, PT_LOAD, PT_NOTE, readProgramHeader } from '../../capture/elf/program-header.ts';

/** The most that e_phnum can say: elf(5). */
const MAX_PROGRAM_HEADERS = 0xfffe;
/** n_type: include/uapi/linux/elf.h. */
const NT_PRSTATUS = 1;
const PF_R = 4;

/**
 * A copy of a core that tells gdb what the core itself does not: the core of the report stays as the process was.
 *
 * Only for cores as capture/elf/write-core.ts makes them; for any other, changes do nothing.
 */
export class CoreCopy {
  #bytes: Buffer;
  readonly #class: ElfClass;

  constructor(core: Buffer) {
    this.#bytes = Buffer.from(core);
    this.#class = elfClassByIdent(core[4]) ?? elf64;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Writes over memory that the core holds. @returns Whether it holds it. */
  write(address: number, bytes: Buffer): boolean {
    for (const { type, offset, address: start, fileBytes } of this.#headers()) {
      const at = address - start;
      if (type !== PT_LOAD || at < 0 || at + bytes.length > fileBytes) continue;
      bytes.copy(this.#bytes, offset + at);
      return true;
    }
    return false;
  }

  /** Adds code at an address where the core holds nothing. @returns Whether there was room for it. */
  addCode(address: number, code: Buffer): boolean {
    const core = this.#bytes;
    const { programHeaderBytes, programHeader, header: place } = this.#class;
    const { table, count } = this.#table();
    const end = table + count * programHeaderBytes;
    if (count >= MAX_PROGRAM_HEADERS || end > core.length) return false;
    const header = Buffer.alloc(programHeaderBytes);
    header.writeUInt32LE(PT_LOAD, 0);
    header.writeUInt32LE(PF_R | PF_X, programHeader.flags);
    this.#writeWord(header, programHeader.offset, core.length + (count + 1) * programHeaderBytes);
    this.#writeWord(header, programHeader.address, address);
    this.#writeWord(header, programHeader.fileBytes, code.length);
    this.#writeWord(header, programHeader.memoryBytes, code.length);
    // The table has no room where it is: it moves behind everything else.
    this.#bytes = Buffer.concat([core, core.subarray(table, end), header, code]);
    this.#writeWord(this.#bytes, place.programHeadersOffset, core.length);
    this.#bytes.writeUInt16LE(count + 1, place.programHeaderCount);
    return true;
  }

  /**
   * Changes registers of one thread.
   *
   * @param threadIdOffset Of the thread's id in NT_PRSTATUS.
   * @param registers Offset in NT_PRSTATUS -> value.
   * @returns Whether the thread is there.
   */
  setRegisters(tid: number, threadIdOffset: number, registers: ReadonlyMap<number, number>): boolean {
    for (const { type, offset, fileBytes } of this.#headers()) {
      if (type !== PT_NOTE) continue;
      const notes = this.#bytes.subarray(offset, offset + fileBytes);
      for (const note of eachNote(notes)) {
        if (note.name !== 'CORE' || note.type !== NT_PRSTATUS) continue;
        const value = notes.subarray(note.start, note.end);
        if (value.length < threadIdOffset + 4 || value.readInt32LE(threadIdOffset) !== tid) continue;
        for (const [at, register] of registers) {
          if (at + this.#class.wordBytes <= value.length) this.#writeWord(value, at, register);
        }
        return true;
      }
    }
    return false;
  }

  #table(): { table: number; count: number } {
    const { header, readWord } = this.#class;
    return {
      table: readWord(this.#bytes, header.programHeadersOffset),
      count: this.#bytes.readUInt16LE(header.programHeaderCount),
    };
  }

  *#headers() {
    const { table, count } = this.#table();
    const { programHeaderBytes } = this.#class;
    for (let index = 0; index < count; index += 1) {
      const at = table + index * programHeaderBytes;
      if (at + programHeaderBytes > this.#bytes.length) return;
      yield readProgramHeader(this.#bytes, at, this.#class);
    }
  }

  #writeWord(bytes: Buffer, at: number, value: number): void {
    bytes.writeUInt32LE(value % 0x1_0000_0000, at);
    if (this.#class.bits === 64) bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
  }
}
