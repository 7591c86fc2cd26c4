import { SYSTEM_CALL_NUMBER, type SystemCallName } from './system-call-number.ts';

/** What is special about a step; see cage.s. */
export interface StepOptions {
  /** The program ends where it fails. */
  required?: boolean;
  /** That it gives 0 is a failure, too: a read at the end of a file. */
  nonZero?: boolean;
  /** What is missing where it fails, in words for a report. */
  part?: string;
  /** Later steps may use what it gives (a descriptor). */
  keep?: boolean;
  /** Its first, or second, argument is what was kept. */
  kept?: 'first' | 'second';
  /** The rest of the innermost group is left out where it fails, or where it succeeds. */
  leavesGroup?: 'failed' | 'succeeded';
}

/** A step that failed. */
export interface FailedStep {
  call: SystemCallName;
  part: string | null;
  required: boolean;
  /** As in errno(3), positive. */
  errno: number;
}

interface Step {
  call: SystemCallName;
  args: readonly (number | bigint)[];
  options: StepOptions & { fork?: boolean; wait?: boolean };
  /** Steps behind it that are left out. */
  skip: number;
}

/** Where cage.s maps the list, and how large it is: both ends have these numbers. */
const TABLE = 0x1000_0000n;
export const TABLE_BYTES = 0x2_0000;
const STEP_BYTES = 64;
const RESULT = 56;
/** The waiting parent's steps, and what steps point to, lie behind the first ones. */
const PARENT_AT = 0x6000;
const DATA_AT = 0x8000;

const FLAGS = {
  required: 1,
  fork: 2,
  keep: 4,
  first: 8,
  second: 16,
  wait: 32,
  success: 64,
  nonZero: 128,
} as const;

/** A list of system calls for the program of cage.s. */
export class StepTable {
  readonly #memory = Buffer.alloc(TABLE_BYTES);
  readonly #steps: Step[] = [];
  readonly #parent: Step[] = [];
  #dataEnd = DATA_AT;
  #current = this.#steps;
  #groups: Step[][] = [];

  /** @param behind A list that takes this one for its rest: {@link takeRest}. */
  constructor(behind?: StepTable) {
    const taken = behind === undefined ? 0 : behind.#steps.length;
    for (let step = 0; step < taken; step += 1) this.step('getpid', []);
  }

  /** Where the list lies. */
  get address(): bigint {
    return TABLE;
  }

  /** Puts bytes into the list's memory, where the steps can see them. @returns Their address. */
  bytes(bytes: Uint8Array): bigint {
    const at = Math.ceil(this.#dataEnd / 8) * 8;
    if (at + bytes.length > TABLE_BYTES) throw new RangeError('The list of a cage is too long');
    this.#memory.set(bytes, at);
    this.#dataEnd = at + bytes.length;
    return TABLE + BigInt(at);
  }

  /** The same for a string as C has it. @throws {TypeError} Where it holds a zero byte. */
  string(text: string | Uint8Array): bigint {
    const bytes = Buffer.from(text);
    if (bytes.includes(0)) throw new TypeError('A path or argument holds a zero byte');
    return this.bytes(Buffer.concat([bytes, Buffer.alloc(1)]));
  }

  /** The same for numbers of 64 bits, one behind the other: addresses, limits. */
  words(...words: (number | bigint)[]): bigint {
    const bytes = Buffer.alloc(words.length * 8);
    for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(BigInt(word), index * 8);
    return this.bytes(bytes);
  }

  /** Where an address of this list's memory is in the list. */
  offsetOf(address: bigint): number {
    return Number(address - TABLE);
  }

  /** Adds a call; arguments that are not given are 0. */
  step(call: SystemCallName, args: readonly (number | bigint)[], options: StepOptions = {}): void {
    const step = { call, args, options, skip: 0 };
    this.#current.push(step);
    if (options.leavesGroup !== undefined) this.#groups.at(-1)?.push(step);
  }

  /** Steps that belong together: some of them are of use only where others have succeeded. */
  group(add: () => void): void {
    const leaving: Step[] = [];
    this.#groups.push(leaving);
    const steps = this.#current;
    add();
    this.#groups.pop();
    for (const step of leaving) step.skip = steps.length - 1 - steps.indexOf(step);
  }

  /** Goes on in a child; the parent does what `parent` adds, waits for the child and ends as the child ended. */
  fork(parent: () => void): void {
    const args = [TABLE + BigInt(PARENT_AT)];
    this.#current.push({ call: 'fork', args, options: { required: true, fork: true }, skip: 0 });
    this.#current = this.#parent;
    parent();
    this.#parent.push({ call: 'wait4', args: [], options: { required: true, wait: true }, skip: 0 });
    this.#current = this.#steps;
  }

  /**
   * Waits for a byte on its standard input, and goes on with the steps of another list, made behind this one, that stands in a file by
   * then: what waits does whatever that says.
   */
  takeRest(fd: number): void {
    const byte = this.bytes(Buffer.alloc(1));
    const at = (this.#steps.length + 3) * STEP_BYTES;
    const read = { required: true, nonZero: true } as const;
    this.step('read', [0, byte, 1], read);
    this.step('pread64', [fd, TABLE + BigInt(at), PARENT_AT - at, at], read);
    this.step('pread64', [fd, TABLE + BigInt(DATA_AT), TABLE_BYTES - DATA_AT, DATA_AT], read);
  }

  /** The list as cage.s reads it. @throws {RangeError} Where it has too many steps. */
  toBuffer(): Buffer {
    for (const { steps, at, end } of this.#lists()) {
      if (at + steps.length * STEP_BYTES > end) throw new RangeError('The list of a cage is too long');
      for (const [index, step] of steps.entries()) this.#write(step, at + index * STEP_BYTES);
    }
    return this.#memory;
  }

  /** What failed in a run. @param memory The list after it. */
  failedIn(memory: Buffer): FailedStep[] {
    return this.#lists().flatMap(({ steps, at }) =>
      steps.flatMap(({ call, options }, index) => {
        const result = memory.readBigInt64LE(at + index * STEP_BYTES + RESULT);
        if (result >= 0n || options.wait === true) return [];
        return [
          {
            call,
            part: options.part ?? null,
            required: options.required ?? false,
            errno: Number(-result),
          },
        ];
      }),
    );
  }

  #lists(): { steps: readonly Step[]; at: number; end: number }[] {
    return [
      { steps: this.#steps, at: 0, end: PARENT_AT },
      { steps: this.#parent, at: PARENT_AT, end: DATA_AT },
    ];
  }

  #write({ call, args, options, skip }: Step, at: number): void {
    const flags =
      (options.required === true ? FLAGS.required : 0) |
      (options.fork === true ? FLAGS.fork : 0) |
      (options.keep === true ? FLAGS.keep : 0) |
      (options.kept === undefined ? 0 : FLAGS[options.kept]) |
      (options.wait === true ? FLAGS.wait : 0) |
      (options.nonZero === true ? FLAGS.nonZero : 0) |
      (options.leavesGroup === 'succeeded' ? FLAGS.success : 0);
    this.#memory.writeUInt32LE(SYSTEM_CALL_NUMBER[call], at);
    this.#memory.writeUInt16LE(flags, at + 4);
    this.#memory.writeUInt16LE(skip, at + 6);
    for (const [index, arg] of args.entries()) {
      this.#memory.writeBigUInt64LE(BigInt.asUintN(64, BigInt(arg)), at + 8 + index * 8);
    }
  }
}
