import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { corePatternFor } from '../../protocol/core-pattern.ts';
import { type Collecting, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');
const SECRET = 'nobody-may-see-this';

/**
 * Puts a handler before the client that does what an attacker does: it kills the process in its dump, and lets another one
 * have its number before the client looks.
 *
 * @param keepsPidfd Whether the client gets the kernel's pidfd, which older kernels do not give.
 * @returns A file that holds the number of the other process once it is there.
 */
function replaceProcesses({ directories }: Collecting, keepsPidfd: boolean): string {
  const { stateDir, runDir } = directories;
  mkdirSync(stateDir, { recursive: true });
  const handler = join(stateDir, 'h');
  const replaced = join(stateDir, 'replaced');
  writeFileSync(
    handler,
    `#!${process.execPath}
const { existsSync, openSync, readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
while (openSync('/dev/null', 'r+') <= 2);
const words = process.argv.slice(2);
const pid = Number(words[1]);
process.kill(pid, 'SIGKILL');
while (existsSync('/proc/' + pid));
let other = 0;
while (other !== pid) {
  const script = 'echo ' + (pid - 1) + ' > /proc/sys/kernel/ns_last_pid; sleep 100 > /dev/null 2>&1 & echo $!';
  if (other !== 0) process.kill(other, 'SIGKILL');
  other = Number(spawnSync('/bin/sh', ['-c', script], { env: { SECRET: '${SECRET}', PATH: '/usr/bin:/bin' } }).stdout);
}
writeFileSync(${JSON.stringify(replaced)}, String(pid));
const pidfd = Number(words.at(-1));
if (${!keepsPidfd}) words[words.length - 1] = '';
spawnSync(${JSON.stringify(CLIENT)}, words, { stdio: [0, 'ignore', 'ignore', ${keepsPidfd} ? pidfd : 'ignore'] });
`,
  );
  chmodSync(handler, 0o755);
  const { corePipeLimit } = readCoreSysctls();
  writeCoreSysctls({ corePattern: corePatternFor(handler, runDir), corePipeLimit });
  return replaced;
}

for (const [what, keepsPidfd, says] of [
  ['a pidfd', true, /has ended meanwhile, and its number may be another one's/],
  ['its auxiliary vector', false, /is another process by now/],
] as const) {
  test(`a process that is killed in its dump and replaced is told by ${what}, and nothing of the other is kept`, async (t) => {
    const collecting = await startCollecting(t);
    const file = replaceProcesses(collecting, keepsPidfd);
    const ended = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
    await until('the other process', () => readFileSync(file, { encoding: 'latin1', flag: 'a+' }) !== '');
    const other = Number(readFileSync(file, 'latin1'));
    t.after(() => process.kill(other, 'SIGKILL'));
    assert.equal(other, ended.pid);
    const { record, text, path } = await collecting.published(ended.pid);
    assert.match(record.collection.notes.join('\n'), says);
    assert.match(text, /== Process ==\nnot available/);
    assert.deepEqual(
      [record.process.environment, record.process.exe, record.modules, record.maps, record.collection.core],
      [null, null, [], null, null],
    );
    assert.ok(!readFileSync(`${path}.json`, 'latin1').includes(SECRET));
    // The kernel's own stream is of the one that died.
    assert.equal(record.process.comm, 'nested');
    assert.equal(record.signal?.name, 'SIGSEGV');
    assert.equal(record.threads?.[0]?.tid, ended.pid);
    assert.ok((record.registers?.length ?? 0) > 16);
  });
}
