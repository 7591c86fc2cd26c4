import { closeSync, constants, openSync } from 'node:fs';
import { captureCrash, type HeldProcess } from '../capture/capture.ts';
import { captureNames } from '../capture/capture-names.ts';
import type { Captured, CoreHead } from '../capture/captured.ts';
import { type CoreSource, fdSource } from '../capture/core-source.ts';
import { namesSnapshot } from '../capture/names-snapshot.ts';
import { emptyHead, NotACoreError, readCoreHead } from '../capture/read-core-head.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { asRoot } from '../linux/as-root.ts';
import type { KernelArguments, KernelWords } from '../protocol/kernel-arguments.ts';
import { completeArguments } from './complete-arguments.ts';
import { exclusionOf } from './exclusion-of.ts';
import type { Steps } from './steps.ts';

/**
 * Captures a crash whose core the kernel writes into a pipe, and lets go of the process: closing the pipe is enough, the
 * kernel gets EPIPE, stops dumping, and waits for nothing more. No child that could have a copy has been started, and
 * none will ever have one.
 *
 * The process is held until this returns or throws. So it is synchronous, asks nobody (docs/decisions/003), and
 * interprets nothing that can be interpreted later.
 *
 * @param pipe The pipe's reading end; closed in any case, as is the pidfd.
 * @param options `readHead`: how to read the core's beginning, where that may not be taken out of the pipe. `handOn`: called
 *   with the pipe before it is closed, whatever came of the capture. `repeatOf`: see {@link HeldProcess}.
 */
export function captureFromPipe(
  pipe: number,
  words: KernelWords,
  {
    steps,
    readHead = headOfPipe,
    handOn = () => undefined,
    repeatOf,
  }: {
    steps: Steps;
    readHead?: (pipe: number) => CoreHead;
    handOn?: (pipe: number) => void;
    repeatOf?: HeldProcess['repeatOf'];
  },
): { kernel: KernelArguments; captured: Captured } {
  try {
    const head = readHead(pipe);
    steps.ended('notes read');
    const captured = captureHead(head, words, { steps, repeatOf });
    return { kernel: completeArguments(words, captured), captured };
  } finally {
    handOn(pipe);
    closeSync(pipe);
    if (words.pidfd !== null) closeSync(words.pidfd);
    steps.ended('released');
  }
}

/**
 * Reads without blocking: a writer that stays silent must not hold us for ever. The pipe is opened anew for that, because
 * whoever has passed it to us may want to read it himself.
 */
function headOfPipe(pipe: number): CoreHead {
  let reader: number;
  try {
    // It is the kernel's, which made it as root.
    reader = asRoot(() => openSync(`/proc/self/fd/${pipe}`, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch {
    return headFrom(fdSource(pipe)); // No pipe: a socket cannot be opened.
  }
  try {
    return headFrom(fdSource(reader));
  } finally {
    closeSync(reader);
  }
}

/** Captures a held process of which the notes have been read. */
export function captureHead(
  head: CoreHead,
  words: KernelWords,
  { steps, repeatOf }: { steps: Steps; repeatOf: HeldProcess['repeatOf'] },
): Captured {
  const { pid, tid, pidfd, uid } = words;
  const { coreBudgetBytes: budgetBytes, excluded } = readRunSettings(words.runDir);
  const held = { pid, tid, pidfd, uid, head, budgetBytes, repeatOf };
  const names =
    excluded.length === 0 ? null : asRoot(() => namesSnapshot(pid, tid, 'not read: the program is excluded'));
  const isExcluded = names !== null && exclusionOf(names, excluded) !== null;
  const captured = isExcluded
    ? captureNames(held, names)
    : captureCrash({ ...held, ended: (step) => steps.ended(step) });
  steps.ended('captured');
  return captured;
}

/** A core that cannot be read leaves what the kernel's arguments and /proc say: the crash is reported all the same. */
export function headFrom(source: CoreSource): CoreHead {
  try {
    return readCoreHead(source);
  } catch (error) {
    if (!(error instanceof NotACoreError)) throw error;
    return { ...emptyHead(0), warnings: [error.message] };
  }
}
