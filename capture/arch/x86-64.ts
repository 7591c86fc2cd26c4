import { elf64 } from '../elf/elf-class.ts';
import { readAddress } from '../elf/read-address.ts';
import type { Architecture } from './architecture.ts';
import { isUserFlags } from './is-user-flags.ts';
import { isX86Call, X86_CALL_BYTES } from './is-x86-call.ts';
import { x86CallTarget } from './x86-call-target.ts';

/** UC_FP_XSTATE 1, UC_SIGCONTEXT_SS 2, UC_STRICT_RESTORE_SS 4: arch/x86/include/uapi/asm/ucontext.h. */
const MAX_UC_FLAGS = 7;
/** __USER_DS: arch/x86/include/asm/segment.h. */
const USER_DS = 0x2b;

/**
 * x86-64.
 *
 * Registers: struct user_regs_struct (arch/x86/include/asm/user_64.h), in NT_PRSTATUS behind struct
 * elf_prstatus_common (include/linux/elfcore.h), 112 bytes.
 *
 * Signal frame: struct rt_sigframe (arch/x86/include/asm/sigframe.h) begins with the return address, then struct
 * ucontext: uc_flags, uc_link, uc_stack (24 bytes), and struct sigcontext_64 at 48: r8-r15, di, si, bp, bx, dx, ax, cx,
 * sp, ip, flags, cs, gs, fs, ss. The kernel always writes 0 to uc_link, gs and fs; 64-bit code runs with cs 0x33 and ss 0x2b,
 * which is 0 before Linux 4.7. Strings on the stack look like some of that: all of it must be there.
 */
export const x8664: Architecture = {
  name: 'x86_64',
  machine: 62,
  elfClass: elf64,
  registerNames: [
    ...[
      'r15',
      'r14',
      'r13',
      'r12',
      'rbp',
      'rbx',
      'r11',
      'r10',
      'r9',
      'r8',
      'rax',
      'rcx',
      'rdx',
      'rsi',
      'rdi',
    ],
    ...['orig_rax', 'rip', 'cs', 'eflags', 'rsp', 'ss', 'fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs'],
  ],
  registersOffset: 112,
  threadIdOffset: 32,
  userIdBytes: 4,
  notedRegister: null,
  pc: 'rip',
  sp: 'rsp',
  framePointer: 'rbp',
  threadPointer: 'fs_base',
  notPointers: new Set(['orig_rax', 'cs', 'eflags', 'ss', 'ds', 'es', 'fs', 'gs']),
  mainPointers: ['rip', 'rsp', 'rbp', 'rdi', 'rsi', 'rax', 'rbx', 'rcx', 'rdx'],
  redZoneBytes: 128,
  signalFrames: [
    {
      bytes: 200,
      sp: 168,
      pc: 176,
      framePointer: 128,
      marker: 192,
      markerValue: 0x33,
      alternateStack: { start: 24, size: 40 },
      isGenuine: (frame) =>
        readAddress(frame, 8) <= MAX_UC_FLAGS &&
        readAddress(frame, 16) === 0 &&
        isUserFlags(readAddress(frame, 184)) &&
        frame.readUInt32LE(194) === 0 &&
        [0, USER_DS].includes(frame.readUInt16LE(198)),
    },
  ],
  callBytes: { before: X86_CALL_BYTES, behind: 0 },
  isCall: isX86Call,
  callTarget: (call, returnAddress) => x86CallTarget(call, returnAddress, elf64),
};
