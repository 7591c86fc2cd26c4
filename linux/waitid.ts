import { checked, libc } from './libc.ts';

const waitidCall = libc.func('int waitid(int kind, uint id, void *information, int options)');

/** bits/waitflags.h */
const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const ALL_THREADS = 0x4000_0000; // __WALL

/** siginfo_t: asm-generic/siginfo.h. */
const SIGINFO_BYTES = 128;
const PID_OFFSET = 16;
const CODE_OFFSET = 8;
const STATUS_OFFSET = 24;

/** si_code of SIGCHLD: asm-generic/siginfo.h. */
const CLD_TRAPPED = 4;
const CLD_STOPPED = 5;

/** What has become of a traced thread. */
export type TracedState =
  | { kind: 'running' }
  | { kind: 'ended' }
  /** `signal` without the event; `event` is 128 (PTRACE_EVENT_STOP) for stops that no signal made. */
  | { kind: 'stopped'; signal: number; event: number };

/**
 * Looks whether a thread that we trace has stopped, and leaves everything as it is: waitid(2) with WNOWAIT.
 *
 * Taking the state, as waitpid(2) does, would also take the signal that the thread was stopped by: the kernel clears it
 * then (kernel/exit.c, wait_task_stopped()), and it would be lost if we were killed before we can give it back.
 *
 * @throws {SystemCallError} ECHILD where we do not trace it any more.
 */
export function peekTraced(tid: number): TracedState {
  return wait(tid, WSTOPPED | WEXITED | WNOWAIT | WNOHANG | ALL_THREADS);
}

/** Takes the end of a traced thread, so that nothing of it is left: waitid(2). Does not wait. */
export function reapTraced(tid: number): void {
  wait(tid, WEXITED | WNOHANG | ALL_THREADS);
}

function wait(tid: number, options: number): TracedState {
  const information = Buffer.alloc(SIGINFO_BYTES);
  checked('waitid', `${tid}`, () => waitidCall(P_PID, tid, information, options));
  if (information.readInt32LE(PID_OFFSET) === 0) return { kind: 'running' };
  const code = information.readInt32LE(CODE_OFFSET);
  if (code !== CLD_TRAPPED && code !== CLD_STOPPED) return { kind: 'ended' };
  const status = information.readInt32LE(STATUS_OFFSET);
  return { kind: 'stopped', signal: status & 0xff, event: (status >> 8) & 0xff };
}
