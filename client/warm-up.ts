import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { captureCrash } from '../capture/capture.ts';
import type { CoreHead } from '../capture/captured.ts';
import { bytesSource } from '../capture/core-source.ts';
import { closeModules } from '../capture/open-modules.ts';
import { readCoreHead } from '../capture/read-core-head.ts';
import { withWaitingProcess } from './waiting-process.ts';

/** Enough for most of what V8 has to compile; docs/decisions/019. */
const ROUNDS = 15;
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
  return (await withWaitingProcess((pid, head) => capture(pid, head, { budgetBytes, signal }))) ?? 0;
}

async function capture(
  pid: number,
  first: CoreHead,
  { budgetBytes, signal }: { budgetBytes: number; signal: AbortSignal },
): Promise<number> {
  let head: CoreHead | null = first;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (head === null || signal.aborted) return round;
    const { core, modules } = captureCrash({ pid, tid: pid, pidfd: null, uid: null, head, budgetBytes });
    closeModules(modules);
    head = core === null ? null : readCoreHead(bytesSource(core.bytes));
    await setImmediate();
  }
  return ROUNDS;
}
