import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreHead } from '../capture/captured.ts';
import { readBeforeStop } from '../capture/live/before-stop.ts';
import { liveHead } from '../capture/live/live-head.ts';
import { readRegisters } from '../capture/live/read-registers.ts';
import { threadActivity } from '../capture/live/thread-activity.ts';
import { PROGRAM_PATH } from '../config/run-settings.ts';
import { asRoot } from '../linux/as-root.ts';

/** A process like any other: dynamically linked, waiting for its input, which never comes. */
const PROGRAM = 'cat';
const START_LIMIT_MS = 2_000;
const LOOK_MS = 5;

/**
 * Starts a process of our own that does nothing, to be looked at as if it had died.
 *
 * @param look Gets its pid and the head of its core; not called where it did not start in time.
 * @returns What `look` returned, else null.
 * @throws Node's error where there is no such program.
 */
export async function withWaitingProcess<T>(
  look: (pid: number, head: CoreHead) => Promise<T>,
): Promise<T | null> {
  const child = spawn(PROGRAM, [], { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: PROGRAM_PATH } });
  const started = once(child, 'spawn');
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await started;
    return await lookAt(child, look);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function lookAt<T>(
  { pid = 0 }: ChildProcess,
  look: (pid: number, head: CoreHead) => Promise<T>,
): Promise<T | null> {
  if (!(await isWaiting(pid))) return null;
  // It is our own; what it may be looked at by is up to the machine (ptrace(2), "ptrace access mode checking").
  const head = asRoot(() => headOf(pid));
  return head === null ? null : look(pid, head);
}

/** Whether it has come to where it waits. */
async function isWaiting(pid: number): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const { state, registers } = asRoot(() => threadActivity(pid, pid));
    if (state === 'S' && registers !== null) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

/** The head of its core, as if it had died where it waits. */
function headOf(pid: number): CoreHead | null {
  const before = readBeforeStop(pid, pid);
  const thread = { tid: pid, stop: { kind: 'none' } } as const;
  const registers = readRegisters(pid, thread, { wantsAll: false, bits: before.bits });
  if (registers === null) return null;
  const place = { pid, ownPid: pid, mappings: before.mappings };
  return liveHead([{ ...registers, ownTid: pid }], place, before);
}
