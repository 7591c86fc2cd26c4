/** A si_code by name and in words. */
export interface SignalCode {
  name: string;
  meaning: string;
}

/**
 * si_code per signal, by number from 1 on (include/uapi/asm-generic/siginfo.h). Names with underscores in front are the
 * kernel's own for codes that no architecture of ours raises; they are here because a number without a name helps nobody.
 */
const BY_SIGNAL: ReadonlyMap<number, readonly SignalCode[]> = new Map([
  [
    4, // SIGILL
    codes(
      ['ILL_ILLOPC', 'illegal opcode'],
      ['ILL_ILLOPN', 'illegal operand'],
      ['ILL_ILLADR', 'illegal addressing mode'],
      ['ILL_ILLTRP', 'illegal trap'],
      ['ILL_PRVOPC', 'privileged opcode'],
      ['ILL_PRVREG', 'privileged register'],
      ['ILL_COPROC', 'coprocessor error'],
      ['ILL_BADSTK', 'internal stack error'],
      ['ILL_BADIADDR', 'unimplemented instruction address'],
      ['__ILL_BREAK', 'illegal break'],
      ['__ILL_BNDMOD', 'bundle update in progress'],
    ),
  ],
  [
    5, // SIGTRAP
    codes(
      ['TRAP_BRKPT', 'breakpoint'],
      ['TRAP_TRACE', 'single step'],
      ['TRAP_BRANCH', 'branch taken'],
      ['TRAP_HWBKPT', 'hardware breakpoint or watchpoint'],
      ['TRAP_UNK', 'undiagnosed trap'],
      ['TRAP_PERF', 'performance event'],
    ),
  ],
  [
    7, // SIGBUS
    codes(
      ['BUS_ADRALN', 'misaligned address'],
      ['BUS_ADRERR', 'nothing behind the address, e.g. past the end of a mapped file'],
      ['BUS_OBJERR', 'hardware error of the object'],
      ['BUS_MCEERR_AR', 'memory hardware error, consumed'],
      ['BUS_MCEERR_AO', 'memory hardware error, not consumed'],
    ),
  ],
  [
    8, // SIGFPE
    codes(
      ['FPE_INTDIV', 'integer division by zero'],
      ['FPE_INTOVF', 'integer overflow'],
      ['FPE_FLTDIV', 'floating-point division by zero'],
      ['FPE_FLTOVF', 'floating-point overflow'],
      ['FPE_FLTUND', 'floating-point underflow'],
      ['FPE_FLTRES', 'floating-point result inexact'],
      ['FPE_FLTINV', 'invalid floating-point operation'],
      ['FPE_FLTSUB', 'subscript out of range'],
      ['__FPE_DECOVF', 'decimal overflow'],
      ['__FPE_DECDIV', 'decimal division by zero'],
      ['__FPE_DECERR', 'packed decimal error'],
      ['__FPE_INVASC', 'invalid ASCII digit'],
      ['__FPE_INVDEC', 'invalid decimal digit'],
      ['FPE_FLTUNK', 'undiagnosed floating-point exception'],
      ['FPE_CONDTRAP', 'trap on condition'],
    ),
  ],
  [
    11, // SIGSEGV
    codes(
      ['SEGV_MAPERR', 'address not mapped'],
      ['SEGV_ACCERR', 'mapping does not permit the access'],
      ['SEGV_BNDERR', 'address bound check failed'],
      ['SEGV_PKUERR', 'protection key forbids the access'],
      ['SEGV_ACCADI', 'ADI not enabled for the mapping'],
      ['SEGV_ADIDERR', 'ADI mismatch, disrupting'],
      ['SEGV_ADIPERR', 'ADI mismatch, precise'],
      ['SEGV_MTEAERR', 'memory tag mismatch, asynchronous'],
      ['SEGV_MTESERR', 'memory tag mismatch'],
      ['SEGV_CPERR', 'control protection: shadow stack or branch target violated'],
    ),
  ],
  [
    17, // SIGCHLD
    codes(
      ['CLD_EXITED', 'child exited'],
      ['CLD_KILLED', 'child was killed'],
      ['CLD_DUMPED', 'child dumped core'],
      ['CLD_TRAPPED', 'traced child trapped'],
      ['CLD_STOPPED', 'child stopped'],
      ['CLD_CONTINUED', 'child continued'],
    ),
  ],
  [
    29, // SIGIO
    codes(
      ['POLL_IN', 'input available'],
      ['POLL_OUT', 'output possible'],
      ['POLL_MSG', 'message available'],
      ['POLL_ERR', 'input/output error'],
      ['POLL_PRI', 'urgent input available'],
      ['POLL_HUP', 'device disconnected'],
    ),
  ],
  [
    31, // SIGSYS
    codes(
      ['SYS_SECCOMP', 'system call forbidden by a seccomp filter'],
      ['SYS_USER_DISPATCH', 'system call dispatched to user space'],
    ),
  ],
]);

/** si_code that any signal may have: 0 and less from programs, 0x80 from the kernel. */
const FOR_ALL: ReadonlyMap<number, SignalCode> = new Map([
  [0x80, { name: 'SI_KERNEL', meaning: 'raised by the kernel' }],
  [0, { name: 'SI_USER', meaning: 'sent by kill' }],
  [-1, { name: 'SI_QUEUE', meaning: 'sent by sigqueue' }],
  [-2, { name: 'SI_TIMER', meaning: 'a timer expired' }],
  [-3, { name: 'SI_MESGQ', meaning: 'a message arrived in an empty queue' }],
  [-4, { name: 'SI_ASYNCIO', meaning: 'asynchronous input/output finished' }],
  [-5, { name: 'SI_SIGIO', meaning: 'queued SIGIO' }],
  [-6, { name: 'SI_TKILL', meaning: 'sent by tkill' }],
  [-7, { name: 'SI_DETHREAD', meaning: 'execve ended the other threads' }],
  [-60, { name: 'SI_ASYNCNL', meaning: 'asynchronous name lookup finished' }],
]);

/**
 * The meaning of a si_code, null where it has none.
 *
 * SIGSEGV with SI_KERNEL is the x86 general protection fault: an address that is not canonical, or a privileged
 * instruction; the processor tells no address then (arch/x86/kernel/traps.c). SIGTRAP with an upper byte is a ptrace
 * event: `(PTRACE_EVENT_x << 8) | SIGTRAP`.
 */
export function codeOf(signal: number, code: number): SignalCode | null {
  if (code === 0x80 && signal === 11) {
    return { name: 'SI_KERNEL', meaning: 'general protection fault, e.g. a non-canonical address' };
  }
  if (signal === 5 && (code & 0xff) === 5 && code >> 8 > 0) {
    return { name: `PTRACE_EVENT ${code >> 8}`, meaning: 'stopped for a tracer' };
  }
  return BY_SIGNAL.get(signal)?.[code - 1] ?? FOR_ALL.get(code) ?? null;
}

function codes(...pairs: (readonly [string, string])[]): SignalCode[] {
  return pairs.map(([name, meaning]) => ({ name, meaning }));
}
