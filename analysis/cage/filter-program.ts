/** One instruction of a filter of system calls: struct sock_filter of linux/filter.h. */
export interface FilterStep {
  code: number;
  /** What it compares with, loads or returns. */
  k: number;
  /** Instructions to leave out where the comparison holds, and where it does not. */
  yes: number;
  no: number;
}

/** linux/bpf_common.h */
export const IF_EQUAL = 0x15;
export const IF_GREATER_OR_EQUAL = 0x35;
export const IF_ANY_BIT = 0x45;
const LOAD = 0x20;
const RETURN = 0x06;

/** linux/audit.h, linux/seccomp.h; bit 30 of a number marks the x32 calls. */
const AUDIT_ARCH_X86_64 = 0xc000003e;
const X32 = 0x4000_0000;
const RET_ERRNO = 0x0005_0000;
const RET_KILL_PROCESS = 0x8000_0000;
/** asm-generic/errno.h */
const ENOSYS = 38;

/** struct seccomp_data: number, architecture, and from 16 on six arguments of 64 bits, of which the low halves are looked at. */
export const argumentOffset = (index: number): number => 16 + index * 8;

export function load(offset: number): FilterStep {
  return { code: LOAD, k: offset, yes: 0, no: 0 };
}

export function jump(code: number, k: number, { yes, no }: { yes: number; no: number }): FilterStep {
  return { code, k, yes, no };
}

export const ALLOW: FilterStep = { code: RETURN, k: 0x7fff_0000, yes: 0, no: 0 };

/** The call gives an error; 0 says that it has been done. */
export function deny(errno: number): FilterStep {
  return { code: RETURN, k: RET_ERRNO | errno, yes: 0, no: 0 };
}

/** How each filter begins: calls of other kinds do not exist, and the number of the call is loaded. */
export function filterHead(): FilterStep[] {
  return [
    load(4),
    jump(IF_EQUAL, AUDIT_ARCH_X86_64, { yes: 1, no: 0 }),
    { code: RETURN, k: RET_KILL_PROCESS, yes: 0, no: 0 },
    load(0),
    jump(IF_GREATER_OR_EQUAL, X32, { yes: 0, no: 1 }),
    deny(ENOSYS),
  ];
}

/** @returns An array of struct sock_filter: seccomp(2). */
export function encodeFilter(program: readonly FilterStep[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, k, yes, no }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return bytes;
}
