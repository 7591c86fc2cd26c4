import type { ElfClass } from '../elf/elf-class.ts';
import type { ProcessMemory } from '../process-memory.ts';
import { i386 } from './i386.ts';
import { x8664 } from './x86-64.ts';

/** What capture has to know about a processor, as the programs that it runs see it. */
export interface Architecture {
  /** As uname(1) and gdb have it. */
  name: string;
  /** e_machine and class of its cores: x86-64 with pointers of 32 bits (x32) is another one. */
  machine: number;
  elfClass: ElfClass;
  /** The registers of NT_PRSTATUS in the order in which the kernel stores them, a word each. */
  registerNames: readonly string[];
  /** Where they begin in NT_PRSTATUS, and where the thread's id is. */
  registersOffset: number;
  threadIdOffset: number;
  /** Bytes of a user's id in NT_PRPSINFO. */
  userIdBytes: 2 | 4;
  /** The register that another note of the thread tells; null where NT_PRSTATUS has all. */
  notedRegister: NotedRegister | null;
  /** Program counter and stack pointer, names among {@link registerNames}. */
  pc: string;
  sp: string;
  /** What compiled code keeps a frame pointer in, where it keeps one: among {@link registerNames}. */
  framePointer: string;
  /** What points to the thread control block: among {@link registerNames}, or {@link notedRegister}. */
  threadPointer: string;
  /** Registers that hold no address: not followed. */
  notPointers: ReadonlySet<string>;
  /** Those that hold pointers in most code, pc and sp first: the memory at them is what a report shows. */
  mainPointers: readonly string[];
  /** Bytes below sp that a leaf function may use (the ABI's red zone). */
  redZoneBytes: number;
  /** How the kernel lays out signal frames. */
  signalFrames: readonly SignalFrameLayout[];
  /** Bytes before and behind a return address that {@link isCall} wants to see. */
  callBytes: { before: number; behind: number };
  /** Whether an instruction that calls a function ends `callBytes.before` bytes into `code`, which may end early. */
  isCall(code: Buffer): boolean;
  /**
   * Where the instruction before a return address has called to, also by way of a stub of the procedure linkage table.
   *
   * @returns Null for a call through a register, and where it cannot be told.
   */
  callTarget(call: CallPlace, returnAddress: number): number | null;
}

/** What {@link Architecture.callTarget} looks at. */
export interface CallPlace {
  /** Everything that is mapped. */
  memory: Pick<ProcessMemory, 'read'>;
  /**
   * The global offset table (DT_PLTGOT) of the module that the call is in, null where it has none: where a processor knows
   * no addresses relative to its own place, stubs of code that may lie anywhere count from there.
   */
  offsetTable: number | null;
}

/** See {@link Architecture.notedRegister}. */
export interface NotedRegister {
  name: string;
  /** n_type of the note, named `LINUX`. */
  noteType: number;
  /**
   * @param note The note's description, any bytes.
   * @param register Reads one of NT_PRSTATUS.
   * @returns Null where the note does not tell it.
   */
  read(note: Buffer, register: (name: string) => number): number | null;
}

/** See {@link Architecture.signalFrames}: offsets in bytes from the word that holds the handler's return address. */
export interface SignalFrameLayout {
  bytes: number;
  /** What the signal interrupted. */
  sp: number;
  pc: number;
  framePointer: number;
  /** A word of which 16 bits are always the same: the user's code segment. */
  marker: number;
  markerValue: number;
  /** uc_stack's ss_sp and ss_size; null where the frame has none. */
  alternateStack: { start: number; size: number } | null;
  /**
   * Whether the rest is what the kernel always writes.
   *
   * @param frame {@link bytes} bytes.
   * @param address Where it is in the process.
   */
  isGenuine(frame: Buffer, address: number): boolean;
}

const ARCHITECTURES: readonly Architecture[] = [x8664, i386];

/**
 * The processor of a core.
 *
 * @returns Null for one that nobody has described yet.
 */
export function architectureOf(core: { machine: number; bits: 32 | 64 }): Architecture | null {
  return (
    ARCHITECTURES.find(({ machine, elfClass }) => machine === core.machine && elfClass.bits === core.bits) ??
    null
  );
}
