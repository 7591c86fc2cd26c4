import type { Signal } from './record.ts';
import { codeOf } from './signal-codes.ts';

/** Names by number, 1 to 31 (asm-generic/signal.h; x86 and ARM agree). */
const NAMES = (
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM ' +
  'SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF ' +
  'SIGWINCH SIGIO SIGPWR SIGSYS'
).split(' ');

/** The first real-time signal that glibc leaves to programs; the kernel's are 32 to 64, glibc keeps 32 and 33. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/**
 * The name of a signal: `SIGSEGV`, `SIGRTMIN+3` as kill -l counts, `signal 70` where there is no name.
 *
 * @param number Anything.
 */
export function signalName(number: number): string {
  if (number === SIGRTMIN) return 'SIGRTMIN';
  if (number > SIGRTMIN && number <= SIGRTMAX) return `SIGRTMIN+${number - SIGRTMIN}`;
  return NAMES[number - 1] ?? `signal ${number}`;
}

/** The number of a signal by its name as {@link signalName} gives it, with or without `SIG`; null for any other. */
export function signalNumber(name: string): number | null {
  const full = name.toUpperCase().startsWith('SIG') ? name.toUpperCase() : `SIG${name.toUpperCase()}`;
  for (let number = 1; number <= SIGRTMAX; number += 1) if (signalName(number) === full) return number;
  return null;
}

/**
 * The record's entry for a signal.
 *
 * @param note What siginfo held (capture's SignalNote): `code` null where only the number is known.
 */
export function describeSignal(note: {
  number: number;
  code: number | null;
  address: bigint | null;
  sender: { pid: number; uid: number } | null;
}): Signal {
  const known = note.code === null ? null : codeOf(note.number, note.code);
  return {
    number: note.number,
    name: signalName(note.number),
    code: note.code,
    codeName: known?.name ?? null,
    meaning: known?.meaning ?? null,
    address: note.address === null ? null : BigInt.asUintN(64, note.address).toString(16).padStart(16, '0'),
    sender: note.sender,
  };
}

/**
 * A signal in one phrase: `SIGSEGV, address not mapped (SEGV_MAPERR) at 0x0000000000000000`,
 * `SIGABRT, sent by tkill (SI_TKILL) by the process itself`.
 *
 * @param pid The process that died, to tell its own signals from others'; null where it is not known.
 */
export function signalPhrase(signal: Signal, pid: number | null): string {
  const code = signal.code === null ? null : `code ${signal.code}`;
  const reason = signal.meaning === null ? code : `${signal.meaning} (${signal.codeName ?? code})`;
  const at = signal.address === null ? '' : ` at 0x${signal.address}`;
  return (reason === null ? signal.name : `${signal.name}, ${reason}`) + at + senderPhrase(signal, pid);
}

function senderPhrase({ sender }: Signal, pid: number | null): string {
  if (sender === null) return '';
  if (sender.pid === pid) return ' by the process itself';
  // A sender in an outer pid namespace shows as pid 0 (kernel/signal.c, __send_signal_locked).
  if (sender.pid === 0) return ` by a process outside its namespace or by the kernel, uid ${sender.uid}`;
  return ` by pid ${sender.pid}, uid ${sender.uid}`;
}
