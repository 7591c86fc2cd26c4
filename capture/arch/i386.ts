import { elf32 } from '../elf/elf-class.ts';
import type { Architecture } from './architecture.ts';
import { isUserFlags } from './is-user-flags.ts';
import { isX86Call, X86_CALL_BYTES } from './is-x86-call.ts';
import { x86CallTarget } from './x86-call-target.ts';

/** n_type of a thread's TLS segments: include/uapi/linux/elf.h. */
const NT_386_TLS = 0x200;
/** sizeof(struct user_desc): entry number, base, limit, flags; arch/x86/include/uapi/asm/ldt.h. */
const SEGMENT_BYTES = 16;

/** Code of 32 bits under a kernel of 64: __USER32_CS in arch/x86/include/asm/segment.h. */
const USER32_CS = 0x23;
/** _NSIG: arch/x86/include/uapi/asm/signal.h. */
const MAX_SIGNAL = 64;

/**
 * i386 programs under a kernel of 64 bits.
 *
 * Registers: struct user_regs_struct32 (arch/x86/include/asm/user32.h), in NT_PRSTATUS behind struct
 * compat_elf_prstatus_common (include/linux/elfcore-compat.h), 72 bytes. Where the thread control block is stands in the
 * segment that gs selects, which is one of those in NT_386_TLS. Users' ids in NT_PRPSINFO have 16 bits: 65534 stands for
 * what does not fit.
 *
 * Signal frames (arch/x86/include/asm/sigframe.h, ia32.h) begin with the return address and the signal's number. struct
 * rt_sigframe_ia32, for handlers with SA_SIGINFO: pointers to siginfo and ucontext, siginfo at 16, struct ucontext_ia32
 * at 144: uc_flags, uc_link, uc_stack (12 bytes), and struct sigcontext_32 at 164. struct sigframe_ia32, for all other
 * handlers: struct sigcontext_32 at 8. That is gs, fs, es, ds, di, si, bp, sp, bx, dx, cx, ax, trapno, err, ip, cs,
 * flags, sp again, ss.
 */
export const i386: Architecture = {
  name: 'i386',
  machine: 3,
  elfClass: elf32,
  registerNames: [
    ...['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'eax', 'ds', 'es', 'fs', 'gs'],
    ...['orig_eax', 'eip', 'cs', 'eflags', 'esp', 'ss'],
  ],
  registersOffset: 72,
  threadIdOffset: 24,
  userIdBytes: 2,
  notedRegister: { name: 'gs_base', noteType: NT_386_TLS, read: segmentBase },
  pc: 'eip',
  sp: 'esp',
  framePointer: 'ebp',
  threadPointer: 'gs_base',
  notPointers: new Set(['orig_eax', 'cs', 'eflags', 'ss', 'ds', 'es', 'fs', 'gs']),
  mainPointers: ['eip', 'esp', 'ebp', 'edi', 'esi', 'eax', 'ebx', 'ecx', 'edx'],
  redZoneBytes: 0,
  signalFrames: [
    {
      bytes: 240,
      sp: 192,
      pc: 220,
      framePointer: 188,
      marker: 224,
      markerValue: USER32_CS,
      alternateStack: { start: 152, size: 160 },
      isGenuine: (frame, address) =>
        frame.readUInt32LE(8) === address + 16 &&
        frame.readUInt32LE(12) === address + 144 &&
        isUserFlags(frame.readUInt32LE(228)),
    },
    {
      bytes: 84,
      sp: 36,
      pc: 64,
      framePointer: 32,
      marker: 68,
      markerValue: USER32_CS,
      alternateStack: null,
      isGenuine: (frame) =>
        isSignal(frame.readUInt32LE(4)) &&
        frame.readUInt32LE(36) === frame.readUInt32LE(76) &&
        isUserFlags(frame.readUInt32LE(72)),
    },
  ],
  callBytes: { before: X86_CALL_BYTES, behind: 6 },
  isCall: (code) =>
    isX86Call(code.subarray(0, X86_CALL_BYTES)) && !isAddressLookup(code.subarray(X86_CALL_BYTES)),
  callTarget: (call, returnAddress) => x86CallTarget(call, returnAddress, elf32),
};

function isSignal(number: number): boolean {
  return number >= 1 && number <= MAX_SIGNAL;
}

/** The base of the segment that gs selects: a selector is the entry's number, and 3 bits for table and privilege. */
function segmentBase(note: Buffer, register: (name: string) => number): number | null {
  const entry = register('gs') >>> 3;
  for (let at = 0; at + SEGMENT_BYTES <= note.length; at += SEGMENT_BYTES) {
    if (entry !== 0 && note.readUInt32LE(at) === entry) return note.readUInt32LE(at + 4);
  }
  return null;
}

/**
 * Whether what follows a call adds a constant to a register other than esp: ADD eax, imm32 or ADD r32, imm32 (Intel SDM).
 * i386 code calls a thunk (`__x86.get_pc_thunk.bx`) to learn where it is itself, and adds the distance to its data. Each
 * function leaves such a return address behind, which would hide those of the functions that really called.
 */
function isAddressLookup(code: Buffer): boolean {
  if (code.length < 6) return false;
  const [opcode, modrm = 0] = code;
  return opcode === 0x05 || (opcode === 0x81 && modrm >= 0xc0 && modrm <= 0xc7 && modrm !== 0xc4);
}
