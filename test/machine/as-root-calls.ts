import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

/** A system call of a traced process. */
export interface TracedCall {
  name: string;
  /** As strace shows them, with the result. */
  args: string;
  /** Whether the thread had root's rights. */
  isRoot: boolean;
}

/**
 * Traces all threads of a process that has put root's rights down (linux/lower-rights.ts), and what it starts, by strace(1).
 *
 * @param directory For strace's log.
 * @returns Ends it, and gives all calls but those that change the rights.
 */
export async function traceCalls(
  t: TestContext,
  pid: number,
  directory: string,
): Promise<() => Promise<TracedCall[]>> {
  const log = join(directory, 'strace.log');
  const strace = spawn('strace', ['-f', '-o', log, '-p', `${pid}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => strace.kill());
  for await (const line of createInterface(strace.stderr)) if (line.includes(' attached')) break;
  strace.stderr.resume();
  return async () => {
    strace.kill('SIGINT');
    await new Promise((resolve) => strace.once('exit', resolve));
    return callsIn(readFileSync(log, 'latin1'));
  };
}

function callsIn(log: string): TracedCall[] {
  const raised = new Set<string>();
  const calls: TracedCall[] = [];
  for (const line of log.split('\n')) {
    // A call that another thread's interrupts is shown twice; its beginning has the arguments.
    const [, thread = '', name = '', args = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    if (name === 'setresuid') {
      if (args.startsWith('0, 0, 0')) raised.add(thread);
      else raised.delete(thread);
    } else if (name !== '' && name !== 'setresgid') calls.push({ name, args, isRoot: raised.has(thread) });
  }
  return calls;
}
