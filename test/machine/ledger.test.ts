import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCoreSysctls } from '../../linux/core-pattern.ts';
import { isOurPattern } from '../../protocol/core-pattern.ts';
import { type HistoryEntry, isCrash } from '../../report/history.ts';
import { readHistory } from '../../report/read-history.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { type Collecting, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';
import { processWith, residentOf } from './resident-client.ts';

const SERVER = join(import.meta.dirname, '../../dist/usercrash-server');
const CORE_PATTERN = '/proc/sys/kernel/core_pattern';
const CORE_PIPE_LIMIT = '/proc/sys/kernel/core_pipe_limit';

/** What status.json says now; its fields are checked by who asks for them. */
function statusOf({ directories }: Pick<Collecting, 'directories'>) {
  return JSON.parse(readFileSync(join(directories.runDir, 'status.json'), 'utf8'));
}

async function historyOf({ directories }: Pick<Collecting, 'directories'>): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const entry of readHistory(directories.logDir)) entries.push(entry);
  return entries;
}

for (const mode of ['socket', 'pipe']) {
  test(`ledger, ${mode}: of 200 crashes at once each is in the ledger and in the history`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode, '--gdb', '/bin/false']);
    await collecting.server.logged(' ledger-on');
    const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
    const ended = await Promise.all(Array.from({ length: 200 }, () => run(program)));
    const pids = new Set(ended.map(({ pid }) => pid));
    // Something else on this machine may crash as well.
    const crashes = async () =>
      (await historyOf(collecting)).filter((entry) => isCrash(entry) && entry.collected !== 'pending');
    const ours = async () => (await crashes()).filter(({ pid }) => pids.has(pid ?? 0));
    const deadline = Date.now() + 200_000;
    while ((await ours()).length < 200 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.deepEqual(new Set((await ours()).map(({ pid }) => pid)), pids);
    // It is written once a second.
    await until('crashes in the history = dumps in the ledger', async () => {
      const { crashes: counts, ledger } = statusOf(collecting);
      const counted = counts.collected + counts.repeat + counts.notCollected + counts.pending;
      return counted === (await crashes()).length && counted === ledger.dumps && ledger.open === 0;
    });
    const { ledger } = statusOf(collecting);
    // By pipe a busy machine may have more of them in hand than the limit that its memory allows.
    const lost = (await ours()).filter(({ collected }) => collected === 'not collected');
    const reasons = lost.filter(({ reason }) => !/over core_pipe_limit/.test(reason ?? ''));
    assert.deepEqual(reasons, []);
    if (mode === 'socket') assert.equal(lost.length, 0);
    assert.deepEqual([ledger.state, ledger.missed, ledger.gaps, ledger.lost], ['on', 0, 0, lost.length]);
    const { server } = collecting;
    assert.equal(await server.stop(), 0);
    assert.equal(statusOf(collecting).state, 'stopped');
    assert.equal((await historyOf(collecting)).filter((entry) => !isCrash(entry)).length, 0);
  });
}

test('ledger: a client that is killed at once leaves a line within the time that clients have', async (t) => {
  const collecting = await startCollecting(t);
  await collecting.server.logged(' ledger-on');
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const resident = await residentOf(collecting);
  // The handover program waits for it, and is what the kernel has started.
  process.kill(resident, 'SIGSTOP');
  const crashed = spawn(program, { stdio: 'ignore' });
  const pid = crashed.pid ?? 0;
  const words = `\0${collecting.directories.runDir}\0${pid}\0`;
  await until('a client', () => processWith(words) !== 0);
  process.kill(processWith(words), 'SIGKILL');
  // The resident client has a copy of the pipe in its queue: the server ends it for being silent.
  await once(crashed, 'exit');
  await collecting.server.logged(`-${pid}-`);
  const entries = (await historyOf(collecting)).filter((entry) => entry.pid === pid);
  assert.deepEqual(
    entries.map(({ collected }) => collected),
    ['not collected'],
  );
  assert.match(entries[0]?.reason ?? '', /no client brought anything/);
});

test('ledger, socket: a process that is killed in its dump and gone before anybody looks is told by its number', async (t) => {
  const collecting = await startCollecting(t, ['--mode', 'socket']);
  await collecting.server.logged(' ledger-on');
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const resident = await residentOf(collecting);
  process.kill(resident, 'SIGSTOP');
  const crashed = spawn(program, { stdio: 'ignore' });
  const { pid = 0 } = crashed;
  // The kernel has connected, and waits for an answer.
  const isWaiting = /^State:\t[SD].*^CoreDumping:\t1/ms;
  await until('it is dumped', () => isWaiting.test(readFileSync(`/proc/${pid}/status`, 'latin1')));
  crashed.kill('SIGKILL');
  await once(crashed, 'exit');
  process.kill(resident, 'SIGCONT');
  await collecting.server.logged(`-${pid}-`);
  const [entry] = (await historyOf(collecting)).filter((one) => one.pid === pid);
  assert.match(entry?.reason ?? '', /^the client could not: /);
});

test('core_pattern: somebody else who writes it is noticed, and stays', async (t) => {
  const collecting = await startCollecting(t);
  const own = readCoreSysctls().corePattern;
  writeFileSync(CORE_PATTERN, '|/bin/cat');
  const line = await collecting.server.logged('core-pattern-changed');
  assert.ok(line.includes(`was=${JSON.stringify(own)}`) && line.includes('now=|/bin/cat'), line);
  await until('the status says so', () => statusOf(collecting).corePattern.now === '|/bin/cat');
  assert.equal(statusOf(collecting).corePattern.wanted, own);
  assert.equal(await collecting.server.stop(), 0);
  assert.equal(readCoreSysctls().corePattern, '|/bin/cat');
});

test('core_pattern: it is taken back where that is asked for, three times, and put back as the other left it', async (t) => {
  const collecting = await startCollecting(t, ['--take-back-core-pattern']);
  const isOurs = () => isOurPattern(readCoreSysctls().corePattern, collecting.directories.runDir);
  for (let times = 1; times <= 3; times += 1) {
    writeFileSync(CORE_PATTERN, `|/bin/cat ${times}`);
    await until('it is ours', isOurs);
  }
  const ended = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
  await collecting.published(ended.pid);
  writeFileSync(CORE_PATTERN, '|/bin/cat 4');
  await collecting.server.logged('core-pattern-left');
  assert.equal(isOurs(), false);
  await until('the status says so', () => statusOf(collecting).corePattern.changes === 4);
  assert.equal(statusOf(collecting).corePattern.takenBack, 3);
});

test('core_pattern: what somebody else left when it was taken back is what the server leaves', async (t) => {
  const collecting = await startCollecting(t, ['--take-back-core-pattern']);
  writeFileSync(CORE_PATTERN, '|/bin/cat %p');
  await collecting.server.logged('core-pattern-taken-back');
  assert.equal(await collecting.server.stop(), 0);
  assert.equal(readCoreSysctls().corePattern, '|/bin/cat %p');
});

test('core_pipe_limit: somebody else who writes it is noticed, and what they wrote stays', async (t) => {
  const collecting = await startCollecting(t);
  const { corePipeLimit: own } = readCoreSysctls();
  writeFileSync(CORE_PIPE_LIMIT, '7');
  const line = await collecting.server.logged('core-pipe-limit-changed');
  assert.ok(line.includes(`was=${own} now=7`), line);
  await until('the status says so', () => statusOf(collecting).corePipeLimit.now === 7);
  assert.equal(statusOf(collecting).corePipeLimit.wanted, own);
  assert.equal(statusOf(collecting).corePattern.changes, 0);
  assert.equal(await collecting.server.stop(), 0);
  assert.deepEqual(readCoreSysctls(), { ...collecting.before, corePipeLimit: 7 });
});

test('core_pipe_limit: it is taken back where that is asked for, and put back as the other left it', async (t) => {
  const collecting = await startCollecting(t, ['--take-back-core-pattern']);
  const own = readCoreSysctls();
  writeFileSync(CORE_PIPE_LIMIT, '0');
  await collecting.server.logged('core-pattern-taken-back');
  assert.deepEqual(readCoreSysctls(), own);
  await until('the status says so', () => statusOf(collecting).corePipeLimit.takenBack === 1);
  assert.equal(await collecting.server.stop(), 0);
  assert.deepEqual(readCoreSysctls(), { ...collecting.before, corePipeLimit: 0 });
});

test('ledger: a server that was killed leaves a gap, one that has ended does not', async (t) => {
  const collecting = await startCollecting(t);
  await collecting.server.stop('SIGKILL');
  await (await collecting.restart()).logged(' collecting ');
  assert.equal(await collecting.server.stop(), 0);
  const gaps = async () => (await historyOf(collecting)).filter(({ collected }) => collected === 'gap');
  assert.deepEqual(
    (await gaps()).map(({ reason }) =>
      /^no server ran from \S+ to \S+: crashes may be missing$/.test(reason ?? ''),
    ),
    [true],
  );
  await (await collecting.restart()).logged(' collecting ');
  assert.equal(await collecting.server.stop(), 0);
  assert.equal((await gaps()).length, 1);
});

/** Null where it is not there. */
function inodeOf(directory: string, name: string): number | null {
  return lstatSync(join(directory, name), { throwIfNoEntry: false })?.ino ?? null;
}

test("ledger: a server that finds another at work leaves no gap, and all that is the other one's", async (t) => {
  const collecting = await startCollecting(t);
  const { logged, process: first } = collecting.server;
  await logged(' ledger-on');
  const { runDir } = collecting.directories;
  const written = () =>
    ['h', 'settings.json', 'saved-core-pattern.json'].map((name) => inodeOf(runDir, name));
  const before = written();
  await assert.rejects(collecting.restart(), /E_ALREADY_RUNNING|already/i);
  assert.deepEqual(await historyOf(collecting), []);
  assert.equal(statusOf(collecting).pid, first.pid);
  assert.deepEqual(written(), before);
});

test("ledger: without the connector the kernel's log tells what was skipped", async (t) => {
  await takeCorePattern(t);
  const directories = testDirectories(t);
  // A network namespace of its own, as a container has.
  const server = await startTestServer(t, directories, {
    under: ['unshare', '--net'],
    program: SERVER,
    args: ['--own-core-pattern', '--mode', 'pipe'],
  });
  assert.match(await server.logged('ledger-off'), /not in this network namespace/);
  await server.logged(' collecting ');
  const program = compile('nested', join(directories.stateDir, 'nested'));
  writeFileSync('/proc/sys/kernel/core_pipe_limit', '1');
  const ended = await Promise.all(Array.from({ length: 4 }, () => run(program)));
  const history = async () => historyOf({ directories });
  await until('all are told', async () => (await history()).length === 4);
  const entries = await history();
  assert.deepEqual(entries.map(({ pid }) => pid).sort(), ended.map(({ pid }) => pid).sort());
  const lost = entries.filter(({ collected }) => collected === 'not collected');
  assert.ok(lost.length > 0);
  for (const { reason } of lost) assert.match(reason ?? '', /^the kernel says: over core_pipe_limit/);
  await until('the status says so', () => statusOf({ directories }).ledger.state === 'off');
});
