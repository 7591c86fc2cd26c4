import { spawn } from 'node:child_process';

/** What a shell that is ready for the next command prints. */
const PROMPT = 'ready>';

/**
 * Types a line into a real shell on a terminal, as a person does: `crashlogctl conf\t --js\t` and Enter.
 *
 * @param shell The command line of an interactive shell.
 * @param setup What it does first; afterwards the completed program only prints its arguments.
 * @returns The arguments that the program got, joined by spaces.
 */
export async function typedInto(shell: string, setup: string, line: string): Promise<string> {
  const [program = ''] = line.split(' ');
  const child = spawn('script', ['-qefc', shell, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb', PS1: '', HOME: '/nonexistent', INPUTRC: '/dev/null' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let all = '';
  try {
    child.stdin.write(`${setup}\n${program}() { echo "got<$*>"; }; PS1='${PROMPT}'\n`);
    for await (const chunk of child.stdout) {
      const before = all;
      all += String(chunk);
      // The first is in the echo of the line that sets it.
      const isReady = (text: string) => new RegExp(`(^|[\\r\\n])[^'\\r\\n]*${PROMPT}`).test(text);
      if (isReady(all) && !isReady(before)) child.stdin.write(`${line}\n`);
      const [, got] = /[\r\n]got<([^<>]*)>/.exec(all) ?? [];
      if (got !== undefined) return got;
    }
    throw new Error(`the shell ended without running ${program}: ${JSON.stringify(all)}`);
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
  }
}
