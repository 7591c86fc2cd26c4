import type { Architecture } from '../arch/architecture.ts';
import { i386 } from '../arch/i386.ts';
import { x8664 } from '../arch/x86-64.ts';

/** A set of registers besides the general ones: PTRACE_GETREGSET's type, which is that of its note as well. */
export interface RegisterSet {
  type: number;
  name: 'CORE' | 'LINUX';
  maxBytes: number;
  /** Whether a backtrace needs it. */
  isNeeded: boolean;
}

/** What looking at a live thread has to know of a processor, besides what a core takes. */
export interface LiveArchitecture {
  architecture: Architecture;
  /** Names of the registers of a system call: syscall(2). */
  result: string;
  number: string;
  arguments: readonly string[];
  /** In the order in which the kernel writes their notes: arch/x86/kernel/ptrace.c, the two views. */
  sets: readonly RegisterSet[];
}

/** n_type: include/uapi/linux/elf.h. */
const NT_FPREGSET = 2;
const NT_PRXFPREG = 0x46e62b7f;
const NT_386_TLS = 0x200;
const NT_X86_XSTATE = 0x202;

/** 2.7 KB with AVX-512, 11 KB with AMX. */
const EXTENDED: RegisterSet = { type: NT_X86_XSTATE, name: 'LINUX', maxBytes: 16 * 1024, isNeeded: false };

const LIVE_64: LiveArchitecture = {
  architecture: x8664,
  result: 'rax',
  number: 'orig_rax',
  arguments: ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'],
  sets: [{ type: NT_FPREGSET, name: 'CORE', maxBytes: 512, isNeeded: false }, EXTENDED],
};

const LIVE_32: LiveArchitecture = {
  architecture: i386,
  result: 'eax',
  number: 'orig_eax',
  arguments: ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'],
  sets: [
    { type: NT_FPREGSET, name: 'CORE', maxBytes: 108, isNeeded: false },
    { type: NT_PRXFPREG, name: 'LINUX', maxBytes: 512, isNeeded: false },
    EXTENDED,
    { type: NT_386_TLS, name: 'LINUX', maxBytes: 48, isNeeded: true },
  ],
};

/** Bytes of a thread's general registers. */
export function generalBytes({ registerNames, elfClass }: Architecture): number {
  return registerNames.length * elfClass.wordBytes;
}

/** The processor of a thread whose general registers have so many bytes; null for one that nobody has described. */
export function liveArchitecture(bytes: number): LiveArchitecture | null {
  return [LIVE_64, LIVE_32].find(({ architecture }) => generalBytes(architecture) === bytes) ?? null;
}

/** The processor of a process with words of so many bits. */
export function liveArchitectureOf(bits: 32 | 64): LiveArchitecture {
  return bits === 64 ? LIVE_64 : LIVE_32;
}

/** A general register by its name, signed. */
export function readRegister(
  general: Buffer,
  name: string,
  { registerNames, elfClass }: Architecture,
): bigint {
  const at = registerNames.indexOf(name) * elfClass.wordBytes;
  return BigInt.asIntN(elfClass.bits, elfClass.readBigWord(general, at));
}

/** Sets a general register; what has no room in it is cut. */
export function writeRegister(
  general: Buffer,
  { name, value }: { name: string; value: bigint },
  { registerNames, elfClass }: Architecture,
): void {
  const at = registerNames.indexOf(name) * elfClass.wordBytes;
  if (elfClass.bits === 64) general.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  else general.writeUInt32LE(Number(BigInt.asUintN(32, value)), at);
}
