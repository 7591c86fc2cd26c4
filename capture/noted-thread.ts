import type { Architecture } from './arch/architecture.ts';
import type { Registers, ThreadNotes } from './captured.ts';

/**
 * A thread as its NT_PRSTATUS has it. The registers become bigints when somebody asks for them: 27,000 bigints for
 * 1,000 threads would take 20 ms while the process is held; capture itself reads addresses as numbers.
 */
export class NotedThread implements ThreadNotes {
  readonly tid: number;
  readonly #note: Buffer;
  readonly #architecture: Architecture;
  #noted: number | null = null;
  #registers: Registers | null = null;

  /** @param note At least {@link bytesOf} long. */
  constructor(note: Buffer, architecture: Architecture) {
    this.tid = note.readUInt32LE(architecture.threadIdOffset);
    this.#note = note;
    this.#architecture = architecture;
  }

  /** How long NT_PRSTATUS must be for all registers. */
  static bytesOf({ registersOffset, registerNames, elfClass }: Architecture): number {
    return registersOffset + registerNames.length * elfClass.wordBytes;
  }

  /** Takes in a further note of this thread; see Architecture.notedRegister. */
  addNote(note: Buffer): void {
    this.#noted = this.#architecture.notedRegister?.read(note, (name) => this.address(name)) ?? null;
    this.#registers = null;
  }

  get registers(): Registers {
    if (this.#registers !== null) return this.#registers;
    const { elfClass, registerNames, registersOffset, notedRegister } = this.#architecture;
    const { readBigWord, wordBytes } = elfClass;
    const registers = new Map(
      registerNames.map((name, index) => [
        name,
        readBigWord(this.#note, registersOffset + index * wordBytes),
      ]),
    );
    if (notedRegister !== null && this.#noted !== null)
      registers.set(notedRegister.name, BigInt(this.#noted));
    this.#registers = registers;
    return registers;
  }

  /** The same without the other notes, which would stay in memory as long as this thread does. */
  detached(): NotedThread {
    const bytes = this.#note.subarray(0, NotedThread.bytesOf(this.#architecture));
    const thread = new NotedThread(Buffer.from(bytes), this.#architecture);
    thread.#noted = this.#noted;
    return thread;
  }

  /** A register as a number (see readAddress), 0 where it is not known. */
  address(name: string): number {
    const { elfClass, registerNames, registersOffset, notedRegister } = this.#architecture;
    if (name === notedRegister?.name) return this.#noted ?? 0;
    return elfClass.readWord(this.#note, registersOffset + registerNames.indexOf(name) * elfClass.wordBytes);
  }
}

/**
 * A register of a thread as a number, whoever made the thread.
 *
 * @param name One of the architecture's.
 */
export function registerAddress(thread: ThreadNotes, name: string): number {
  if (thread instanceof NotedThread) return thread.address(name);
  return Number(thread.registers.get(name) ?? 0n);
}
