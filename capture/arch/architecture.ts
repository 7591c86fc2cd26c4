import { x8664 } from './x86-64.ts';

/** What capture has to know about a processor. */
export interface Architecture {
  /** e_machine. */
  machine: number;
  /** The registers of NT_PRSTATUS in the order in which the kernel stores them, 8 bytes each. */
  registerNames: readonly string[];
  /** Where they begin in NT_PRSTATUS. */
  registersOffset: number;
  /** Names among {@link registerNames}: program counter, stack pointer, thread pointer. */
  pc: string;
  sp: string;
  threadPointer: string;
  /** Registers that hold no address: not followed. */
  notPointers: ReadonlySet<string>;
  /** Bytes below sp that a leaf function may use (the ABI's red zone). */
  redZoneBytes: number;
  /** How the kernel lays out a signal frame, as offsets from the word that holds the handler's return address. */
  signalFrame: SignalFrameLayout;
  /** Bytes before a return address that {@link isCall} wants to see. */
  callBytes: number;
  /** Whether an instruction that calls ends where `code` ends. */
  isCall(code: Buffer): boolean;
}

/** See {@link Architecture.signalFrame}; everything in bytes. */
export interface SignalFrameLayout {
  bytes: number;
  /** uc_flags and uc_link, which the kernel fills with little else than zeros. */
  flags: number;
  maxFlags: number;
  link: number;
  /** uc_stack: ss_sp, ss_size. */
  alternateStack: number;
  alternateStackSize: number;
  sp: number;
  pc: number;
  /** A word of which 16 bits are always the same. */
  marker: number;
  markerValue: number;
}

/**
 * The processor of a core, by e_machine.
 *
 * @returns Null for one that nobody has described yet.
 */
export function architectureOf(machine: number): Architecture | null {
  return machine === x8664.machine ? x8664 : null;
}
