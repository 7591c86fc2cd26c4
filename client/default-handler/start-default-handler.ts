import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultHandler } from '../../protocol/kernel-arguments.ts';
import { kernelLog } from '../kernel-log.ts';

/** GATE in handover/handover.s: who waits at its other end becomes the default handler when it is closed. */
const GATE = 9;
/** S_IFMT and S_IFIFO: inode(7). */
const FILE_TYPE = 0o170000;
const PIPE = 0o010000;
/** Where the build puts the client. */
const PROGRAM = 'usercrash-client';

/**
 * Lets what core_pattern held before us have the core: the handover program becomes it, or, where the kernel started us
 * directly, it is a child of ours. Does not wait for it.
 *
 * @param words What follows our program in core_pattern.
 * @param descriptors `pipe`: the core's, from which nothing has been read. `pidfd`: from the kernel. The caller closes them after this.
 */
export function startDefaultHandler(
  handler: DefaultHandler,
  words: readonly string[],
  { pipe, pidfd }: { pipe: number; pidfd: number | null },
): void {
  if (isGate()) {
    closeSync(GATE);
    return;
  }
  const [runDir = '', ...rest] = words;
  const [program = '', ...args] =
    typeof handler === 'string'
      ? [join(import.meta.dirname, PROGRAM), runDir, '--default-handler', ...rest.slice(0, -1)]
      : handler;
  // As the kernel starts it: no environment, nothing but the pipe and the pidfd, which is descriptor 3.
  const child: ChildProcess = spawn(program, args, {
    stdio: [pipe, 'ignore', 'ignore', pidfd ?? 'ignore'],
    env: {},
    detached: true,
  });
  child.on('error', (error) => kernelLog('error', `the default handler was not started: ${error.message}`));
  child.unref();
}

function isGate(): boolean {
  try {
    return (fstatSync(GATE).mode & FILE_TYPE) === PIPE;
  } catch {
    return false; // Not open.
  }
}
