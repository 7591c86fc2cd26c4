import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { type Collecting, run, startCollecting } from './collecting.ts';
import { compile } from './programs.ts';

/** The resident client of this test's collector, once it listens. */
async function residentOf(collecting: Collecting, not = 0): Promise<number> {
  const { runDir } = collecting.directories;
  for (;;) {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === not || !existsSync(join(runDir, RESIDENT_SOCKET))) continue;
      if (commandLineOf(name).endsWith(`\0${runDir}\0--resident\0`)) return Number(name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // It has ended since.
  }
}

/** A client that the kernel started measures its own start; the resident one has none. */
function isByResident(steps: readonly { name: string }[]): boolean {
  return !steps.some(({ name }) => name === 'started');
}

test('the resident client captures, several crashes at once too, and leaks no descriptor', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  const crash = async () => {
    const ended = await run(program);
    const { record } = await collecting.published(ended.pid);
    assert.ok(isByResident(record.collection.steps), JSON.stringify(record.collection));
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  };
  await crash();
  const before = readdirSync(`/proc/${pid}/fd`).length;
  await Promise.all(Array.from({ length: 6 }, crash));
  await crash();
  assert.ok(readdirSync(`/proc/${pid}/fd`).length <= before + 1);
});

test('a resident client that is killed costs no crash, and is started again', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  process.kill(pid, 'SIGKILL');
  const first = await run(program);
  assert.equal(
    (await collecting.published(first.pid)).record.threads?.[0]?.frames?.[0]?.function,
    'read_through',
  );
  await residentOf(collecting, pid);
  const second = await run(program);
  assert.ok(isByResident((await collecting.published(second.pid)).record.collection.steps));
});

test('a resident client that hangs costs a second, and no crash', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  process.kill(pid, 'SIGSTOP');
  const ended = await run(program);
  const { record } = await collecting.published(ended.pid);
  assert.ok(!isByResident(record.collection.steps));
  // When it goes on, what it finds in its queue is not its any more.
  process.kill(pid, 'SIGCONT');
  const second = await run(program);
  await collecting.published(second.pid);
  const reports = readdirSync(collecting.directories.logDir).filter((name) => /^usercrash_\d\d$/.test(name));
  assert.deepEqual(reports, ['usercrash_00', 'usercrash_01']);
});

test('the resident client ends with its server, also when that is killed', async (t) => {
  const collecting = await startCollecting(t);
  const pid = await residentOf(collecting);
  await collecting.server.stop('SIGKILL');
  while (commandLineOf(String(pid)).includes('--resident'))
    await new Promise((resolve) => setTimeout(resolve, 20));
});
