import { readdirSync } from 'node:fs';
import { ptraceDetach, ptraceInterrupt, ptraceSeize } from '../../linux/ptrace.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { peekTraced, reapTraced } from '../../linux/waitid.ts';
import { threadState } from './thread-activity.ts';

/** How a thread was stopped. */
export type ThreadStop =
  /** By us. */
  | { kind: 'interrupt' }
  /** On its way to take a signal, which it gets when we let go. */
  | { kind: 'signal'; signal: number }
  /** It was stopped already, by SIGSTOP or a terminal's signal, and stays so afterwards. */
  | { kind: 'group'; signal: number }
  /** Not at all: it is in the kernel, in a state that nothing interrupts, and executes nothing of its program. */
  | { kind: 'none' };

/** A thread that is held. */
export interface HeldThread {
  /** In our pid namespace. */
  tid: number;
  stop: ThreadStop;
}

/** PTRACE_EVENT_STOP: linux/ptrace.h. */
const EVENT_STOP = 128;
const SIGTRAP = 5;

/** How long threads are waited for that could run: on a busy machine they have to get a processor first. */
const RUNNABLE_LIMIT_MS = 1000;
/** And those that sleep without being interruptible (a hanging network file system, vfork(2)): they may never come. */
const UNINTERRUPTIBLE_LIMIT_MS = 25;
/** Between two looks. Waiting in the kernel would know no limit. */
const POLL_MS = 0.1;
/** Looks at the list of threads. A new one can only come from a thread that is not held yet: some few are enough. */
const MAX_ROUNDS = 50;

/**
 * Holds all threads of a process by ptrace(2), SEIZE and INTERRUPT: no signal is sent, so none can be left behind. The
 * kernel lets everything go when the calling thread ends, whatever ends it.
 */
export class ProcessHold {
  readonly #pid: number;
  readonly #stops = new Map<number, ThreadStop | null>();
  #isWhole = false;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  /**
   * Stops a process. The result must be released by the same thread.
   *
   * @throws {SystemCallError} EPERM where it may not be traced or is traced already, ESRCH where it is gone.
   */
  static take(pid: number): ProcessHold {
    const hold = new ProcessHold(pid);
    try {
      const startedMs = performance.now();
      for (let round = 0; round < MAX_ROUNDS && !hold.#isWhole; round += 1) {
        if (hold.#seizeNew()) hold.#waitForStops(startedMs);
        else hold.#isWhole = true;
      }
      return hold;
    } catch (error) {
      hold.release();
      throw error;
    }
  }

  /** False where threads came faster than they were held: some go on then, and are not among {@link threads}. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** All of them, in the order of their ids. */
  get threads(): HeldThread[] {
    return Array.from(this.#stops, ([tid, stop]) => ({
      tid,
      stop: stop ?? ({ kind: 'none' } as const),
    })).sort((one, other) => one.tid - other.tid);
  }

  /**
   * Lets every thread go on, with the signal that it was about to take. A thread that has not stopped cannot be detached:
   * the kernel does it when our own thread ends. Never throws: what is gone is gone.
   */
  release(): void {
    for (const [tid, stop] of this.#stops) {
      try {
        ptraceDetach(tid, stop?.kind === 'signal' ? stop.signal : 0);
      } catch (error) {
        if (!hasErrno(error, 'ESRCH')) throw error;
        reap(tid);
      }
    }
    this.#stops.clear();
  }

  /** @returns Whether there was a thread that was not known. */
  #seizeNew(): boolean {
    let isNew = false;
    for (const name of readdirSync(`/proc/${this.#pid}/task`)) {
      const tid = Number(name);
      if (this.#stops.has(tid)) continue;
      try {
        ptraceSeize(tid);
        // Its number may be another process's by now: then nothing was done to it, and our thread's end frees it.
        if (threadState(this.#pid, tid) === '') continue;
        this.#stops.set(tid, null);
        isNew = true;
        ptraceInterrupt(tid);
      } catch (error) {
        const hasEnded = hasErrno(error, 'ESRCH') || /^[ZX]?$/.test(threadState(this.#pid, tid));
        if (!hasEnded) throw error;
        // A main thread may end before the others: it stays as a zombie, which the kernel lets nobody trace.
        this.#stops.delete(tid);
      }
    }
    if (this.#stops.size === 0) ptraceSeize(this.#pid); // Nothing is left of it: let the kernel say why.
    return isNew;
  }

  #waitForStops(startedMs: number): void {
    for (;;) {
      let waiting = 0;
      const waitedMs = performance.now() - startedMs;
      for (const [tid, stop] of this.#stops) {
        if (stop !== null) continue;
        const state = this.#look(tid);
        if (state !== null) this.#stops.set(tid, state);
        else if (this.#stops.has(tid) && this.#mayCome(tid, waitedMs)) waiting += 1;
      }
      if (waiting === 0) return;
      pause(POLL_MS);
    }
  }

  #look(tid: number): ThreadStop | null {
    const state = peekTraced(tid);
    if (state.kind === 'running') return null;
    if (state.kind === 'ended') {
      reap(tid);
      this.#stops.delete(tid);
      return null;
    }
    const { signal, event } = state;
    if (event !== EVENT_STOP) return { kind: 'signal', signal };
    return signal === SIGTRAP ? { kind: 'interrupt' } : { kind: 'group', signal };
  }

  #mayCome(tid: number, waitedMs: number): boolean {
    if (waitedMs < UNINTERRUPTIBLE_LIMIT_MS) return true;
    const state = threadState(this.#pid, tid);
    if (state === '' || state === 'Z' || state === 'X') {
      this.#stops.delete(tid);
      return false;
    }
    return state !== 'D' && waitedMs < RUNNABLE_LIMIT_MS;
  }
}

function reap(tid: number): void {
  try {
    reapTraced(tid);
  } catch (error) {
    if (!hasErrno(error, 'ECHILD')) throw error; // It was not ours any more.
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

function pause(ms: number): void {
  Atomics.wait(never, 0, 0, ms);
}
