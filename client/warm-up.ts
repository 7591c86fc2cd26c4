import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { captureCrash } from '../capture/capture.ts';
import type { CoreHead } from '../capture/captured.ts';
import { bytesSource } from '../capture/core-source.ts';
import { readBeforeStop } from '../capture/live/before-stop.ts';
import { liveHead } from '../capture/live/live-head.ts';
import { readRegisters } from '../capture/live/read-registers.ts';
import { threadActivity } from '../capture/live/thread-activity.ts';
import { closeModules } from '../capture/open-modules.ts';
import { readCoreHead } from '../capture/read-core-head.ts';
import { PROGRAM_PATH } from '../config/run-settings.ts';

/** Enough for most of what V8 has to compile; docs/decisions/019. */
const ROUNDS = 15;
/** A process like any other: dynamically linked, waiting for its input, which never comes. */
const PROGRAM = 'cat';
const START_LIMIT_MS = 2_000;
const LOOK_MS = 5;

/**
 * Captures a process of our own again and again, so that V8 has compiled what the first real crash needs. Each round is some
 * milliseconds, and what the kernel brings meanwhile comes before the next.
 *
 * @param signal Ends it early.
 * @returns How many rounds it were.
 * @throws Node's error where there is no such program; a resident client works without as well.
 */
export async function warmUp(budgetBytes: number, signal: AbortSignal): Promise<number> {
  // What is idle for long is forgotten otherwise, and compiled again while a process waits.
  setFlagsFromString('--no-flush-bytecode');
  const child = spawn(PROGRAM, [], { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: PROGRAM_PATH } });
  const started = once(child, 'spawn');
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await started;
    return await capture(child, budgetBytes, signal);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function capture({ pid = 0 }: ChildProcess, budgetBytes: number, signal: AbortSignal): Promise<number> {
  if (!(await isWaiting(pid))) return 0;
  let head = headOf(pid);
  for (let round = 0; round < ROUNDS; round += 1) {
    if (head === null || signal.aborted) return round;
    const { core, modules } = captureCrash({ pid, tid: pid, pidfd: null, uid: null, head, budgetBytes });
    closeModules(modules);
    head = core === null ? null : readCoreHead(bytesSource(core.bytes));
    await setImmediate();
  }
  return ROUNDS;
}

/** Whether it has come to where it waits. */
async function isWaiting(pid: number): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    const { state, registers } = threadActivity(pid, pid);
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
