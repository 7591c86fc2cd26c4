import type { Registers } from '../captured.ts';

/** e_machine of x86-64 (elf.h). */
export const EM_X86_64 = 62;

/** Bytes below the stack pointer that a leaf function may use without moving it (System V ABI, 3.2.2). */
export const RED_ZONE_BYTES = 128;

/** Offsets in struct elf_prstatus (linux/elfcore.h), and its size with 27 registers. */
export const PRSTATUS = { tid: 32, registers: 112, bytes: 336 } as const;

/** struct user_regs_struct (asm/user_64.h): its words in order. */
const WORDS =
  'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs'.split(
    ' ',
  );

/** The order in which people look for them. */
const SHOWN =
  'rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags cs ss ds es fs gs fs_base gs_base orig_rax'.split(
    ' ',
  );

const OFFSETS = new Map(SHOWN.map((name) => [name, PRSTATUS.registers + WORDS.indexOf(name) * 8]));

/**
 * The registers of an NT_PRSTATUS note.
 *
 * @param note At least {@link PRSTATUS}.bytes long.
 */
export function registersOf(note: Buffer): Registers {
  const registers = new Map<string, bigint>();
  for (const [name, offset] of OFFSETS) registers.set(name, note.readBigUInt64LE(offset));
  return registers;
}

/**
 * What the kernel calls when a signal handler returns: `mov $15, %rax; syscall`, glibc's __restore_rt and the vdso's.
 * gdb knows a signal frame by these bytes at the return address.
 */
export const SIGNAL_RETURN = Buffer.from('48c7c00f0000000f05', 'hex');

/**
 * Where struct rt_sigframe (asm/sigframe.h) keeps the interrupted stack pointer: uc_flags, uc_link and uc_stack (40
 * bytes), then r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx and rsp, counted from the end of the return address.
 */
export const SIGNAL_FRAME_RSP = 40 + 15 * 8;
