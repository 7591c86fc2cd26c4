import type { Architecture } from './architecture.ts';

/**
 * x86-64.
 *
 * Registers: struct user_regs_struct (arch/x86/include/asm/user_64.h), in NT_PRSTATUS behind struct
 * elf_prstatus_common (include/linux/elfcore.h), 112 bytes.
 *
 * Signal frame: struct rt_sigframe (arch/x86/include/asm/sigframe.h) begins with the return address, then struct
 * ucontext: uc_flags, uc_link, uc_stack (24 bytes), and struct sigcontext_64 at 48: r8-r15, di, si, bp, bx, dx, ax, cx,
 * sp, ip, flags, cs. uc_flags is UC_FP_XSTATE 1, UC_SIGCONTEXT_SS 2, UC_STRICT_RESTORE_SS 4; the kernel always writes 0
 * to uc_link; 64-bit code runs with cs 0x33.
 */
export const x8664: Architecture = {
  machine: 62,
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
  pc: 'rip',
  sp: 'rsp',
  threadPointer: 'fs_base',
  notPointers: new Set(['orig_rax', 'cs', 'eflags', 'ss', 'ds', 'es', 'fs', 'gs']),
  redZoneBytes: 128,
  signalFrame: {
    bytes: 200,
    flags: 8,
    maxFlags: 7,
    link: 16,
    alternateStack: 24,
    alternateStackSize: 40,
    sp: 168,
    pc: 176,
    marker: 192,
    markerValue: 0x33,
  },
  callBytes: 8,
  isCall,
};

/** Intel SDM, CALL: E8 rel32, and FF /2 with each of its addressing forms; REX does not matter, it comes first. */
function isCall(code: Buffer): boolean {
  const length = code.length;
  const back = (count: number) => code[length - count] ?? 0;
  if (length < 8) return false;
  if (back(5) === 0xe8) return true;
  const modrm = (count: number) =>
    back(count) === 0xff && (back(count - 1) & 0x38) === 0x10 ? back(count - 1) : -1;
  const two = modrm(2);
  if (two !== -1) {
    const isRegister = two >= 0xc0;
    const isPlainMemory = two < 0x40 && (two & 7) !== 4 && (two & 7) !== 5;
    if (isRegister || isPlainMemory) return true;
  }
  const three = modrm(3);
  if (three !== -1 && ((three >= 0x40 && three < 0x80 && (three & 7) !== 4) || three === 0x14)) return true;
  if (modrm(4) === 0x54) return true;
  const six = modrm(6);
  if (six !== -1 && ((six >= 0x80 && six < 0xc0 && (six & 7) !== 4) || six === 0x15)) return true;
  return modrm(7) === 0x94 || modrm(7) === 0x14;
}
