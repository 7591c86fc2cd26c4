import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pathsFrom } from '../../config/paths.ts';
import { main } from '../../install/main.ts';

/**
 * crashlogctl, ended or stopped before it writes a line of its output: TEST_ENDS_AT is "LINE SIGNAL". Lines are written at once, so that what comes
 * before a line is done, and what comes behind it is not.
 */
const [line = '', signal = ''] = (process.env['TEST_ENDS_AT'] ?? '').split(' ');
const interruption = new AbortController();
let lines = 0;

const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
stdout.write = (text: unknown) => {
  const isKilled = signal === 'SIGKILL' || signal === 'SIGSTOP';
  if (lines === Number(line) && isKilled) process.kill(process.pid, signal);
  if (lines === Number(line) && signal === 'SIGINT') interruption.abort(new Error('interrupted by SIGINT'));
  writeSync(1, String(text));
  lines += 1;
  return true;
};

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  paths: pathsFrom({}),
  programs: join(import.meta.dirname, '../../dist'),
  stdin: process.stdin,
  stdout,
  stderr: process.stderr,
  now: Date.now,
  isRoot: process.geteuid?.() === 0,
  interrupted: interruption.signal,
});
