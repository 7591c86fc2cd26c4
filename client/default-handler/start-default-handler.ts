import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultHandler } from '../../protocol/kernel-arguments.ts';
import { kernelLog } from '../kernel-log.ts';

/** GATE in handover/handover.s: who waits at its other end becomes the default handler when it is closed. */
const GATE = 9;
const DESCRIPTORS = '/proc/self/fd';
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

/** A pipe of which we have one end only: Node has pipes of its own at such numbers, and both ends of them. */
function isGate(): boolean {
  const isPipe = linkOf(`${GATE}`).startsWith('pipe:');
  return isPipe && readdirSync(DESCRIPTORS).filter((name) => linkOf(name) === linkOf(`${GATE}`)).length === 1;
}

/** Empty where it is not open. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`${DESCRIPTORS}/${descriptor}`);
  } catch {
    return '';
  }
}
