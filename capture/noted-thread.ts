import type { Architecture } from './arch/architecture.ts';
import type { Registers, ThreadNotes } from './captured.ts';
import { readAddress } from './elf/read-address.ts';

/** pr_pid in struct elf_prstatus: include/linux/elfcore.h. */
const PRSTATUS_PID = 32;

/**
 * A thread as its NT_PRSTATUS has it. The registers become bigints when somebody asks for them: 27,000 bigints for
 * 1,000 threads would take 20 ms while the process is held; capture itself reads addresses as numbers.
 */
export class NotedThread implements ThreadNotes {
  readonly tid: number;
  readonly #note: Buffer;
  readonly #architecture: Architecture;
  #registers: Registers | null = null;

  /** @param note At least as long as the registers need. */
  constructor(note: Buffer, architecture: Architecture) {
    this.tid = note.readInt32LE(PRSTATUS_PID);
    this.#note = note;
    this.#architecture = architecture;
  }

  get registers(): Registers {
    if (this.#registers !== null) return this.#registers;
    const { registerNames, registersOffset } = this.#architecture;
    const registers = new Map(
      registerNames.map((name, index) => [name, this.#note.readBigUInt64LE(registersOffset + index * 8)]),
    );
    this.#registers = registers;
    return registers;
  }

  /** A register as a number; see readAddress. */
  address(index: number): number {
    return readAddress(this.#note, this.#architecture.registersOffset + index * 8);
  }
}

/**
 * A register of a thread as a number, whoever made the thread.
 *
 * @param name One of the architecture's.
 */
export function registerAddress(thread: ThreadNotes, name: string, architecture: Architecture): number {
  if (thread instanceof NotedThread) return thread.address(architecture.registerNames.indexOf(name));
  return Number(thread.registers.get(name) ?? 0n);
}
