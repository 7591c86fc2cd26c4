import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEnabled, writeEnabled } from '../../config/enabled.ts';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import type { HistoryEntry } from '../../report/history.ts';
import { readHistory } from '../../report/read-history.ts';
import { bootPattern } from '../../server/boot-pattern.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { ensureJournald } from '../journald.ts';
import { assertWhole } from '../machine/assert-whole.ts';
import { type Published, readPublished, run, until } from '../machine/collecting.ts';
import { compile } from '../machine/programs.ts';
import { testDirectories } from '../server/test-server.ts';
import { type ServiceManager, startServiceManager } from './service-manager.ts';

const ENTRY_LIMIT_MS = 120_000;

interface Enabled extends ServiceManager {
  stateDir: string;
  byPipe: string;
  bySocket: string;
  entry(pid: number): Promise<HistoryEntry>;
  published(pid: number): Promise<Published>;
}

/** The units run by these settings, and core_pattern names us, as `crashlogctl enable` leaves both. */
async function enabled(t: TestContext, before: CoreSysctls, settings = ''): Promise<Enabled> {
  const directories = testDirectories(t);
  const { logDir, runDir, stateDir } = directories;
  for (const path of [runDir, stateDir]) mkdirSync(path, { mode: 0o700 });
  const byPipe = bootPattern(before.corePattern, join(import.meta.dirname, '../../dist'), runDir);
  writeFileSync(join(stateDir, 'usercrash.toml'), settings);
  writeEnabled(stateDir, { state: 'enabled', runDir, before, corePipeLimit: 16, made: [] });
  await takeCorePattern(t);
  const manager = await startServiceManager(t, directories);
  writeCoreSysctls({ corePattern: byPipe, corePipeLimit: 16 });
  const said = await manager.systemctl('start', 'usercrash.service', 'usercrash-client.service');
  assert.equal(said, '');
  const entry = async (pid: number): Promise<HistoryEntry> => {
    let last: HistoryEntry | null = null;
    // Analyses of all that waited come one after the other.
    for (const endMs = Date.now() + ENTRY_LIMIT_MS; Date.now() < endMs; await sleep(50)) {
      for await (const line of readHistory(logDir)) if (line.pid === pid) last = line;
      if (last !== null && last.collected !== 'pending') return last;
    }
    const waiting = readdirSync(join(logDir, '.pending')).join(' ');
    throw new Error(`of ${pid} there is ${JSON.stringify(last)}, and in .pending ${waiting}`);
  };
  return {
    ...manager,
    ...{ stateDir, byPipe, bySocket: `@@${runDir}/coredump.sock`, entry },
    async published(pid) {
      const { slot } = await entry(pid);
      return readPublished(join(logDir, `usercrash_${String(slot).padStart(2, '0')}`));
    },
  };
}

const FILE_BEFORE: CoreSysctls = { corePattern: 'core', corePipeLimit: 0 };
const PROGRAM_BEFORE: CoreSysctls = { corePattern: '|/bin/true %P', corePipeLimit: 0 };

for (const [mode, before] of [
  ['socket', FILE_BEFORE],
  ['pipe', PROGRAM_BEFORE],
] as const) {
  test(`units: by ${mode} a confined collector makes a whole report, in its cage`, async (t) => {
    await ensureJournald(t);
    const { stateDir, published } = await enabled(t, before);
    const ended = await run(compile('nested', join(stateDir, 'nested')));
    const report = await published(ended.pid);
    assertWhole(report);
    assert.equal(report.record.collection.mode, mode);
    if (mayLookAtInit()) assert.equal(report.record.process.ownMounts, false);
    const lacks = report.record.collection.notes.filter((note) => note.startsWith('gdb ran without'));
    assert.deepEqual(lacks, []);
  });
}

test('units: core_pattern is the socket while the client runs, the pipe when it was killed, and no crash is lost', async (t) => {
  const { systemctl, byPipe, bySocket, stateDir, entry } = await enabled(t, FILE_BEFORE);
  const pattern = () => readCoreSysctls().corePattern;
  assert.equal(pattern(), bySocket);
  const program = compile('nested', join(stateDir, 'nested'));
  const pids: number[] = [];
  const crash = async () => pids.push((await run(program)).pid);
  await crash();
  // What it has captured and not stored would be lost with it: docs/operations.md.
  await entry(pids[0] ?? 0);
  const watchdog = () => systemctl('show', '-p', 'WatchdogUSec', 'usercrash-client.service');
  await until('a warm client may be silent for 10 s', async () => /=10s$/m.test(await watchdog()));
  const piped = until('the pipe', () => pattern() === byPipe);
  await systemctl('kill', '--signal=KILL', 'usercrash-client.service');
  await Promise.all([crash(), piped.then(crash)]);
  await until('the socket again', () => pattern() === bySocket);
  await systemctl('kill', '--signal=KILL', 'usercrash.service');
  await crash();
  await systemctl('restart', 'usercrash.service', 'usercrash-client.service');
  await crash();
  for (const pid of pids) {
    const { collected, reason } = await entry(pid);
    assert.match(collected, /^(?:full|repeat)$/, reason ?? '');
  }
  await systemctl('stop', 'usercrash-client.service');
  assert.equal(pattern(), byPipe);
});

test('units: a confined server takes core_pattern and core_pipe_limit back, where it is to and nobody enables or disables', async (t) => {
  const { stateDir, byPipe, entry } = await enabled(t, FILE_BEFORE, 'take-back-core-pattern = true\n');
  const status = () => JSON.parse(readFileSync(join(stateDir, '../run/status.json'), 'utf8'));
  writeCoreSysctls({ corePattern: '|/bin/cat %p', corePipeLimit: 7 });
  await until('both are ours', () => {
    const now = readCoreSysctls();
    return now.corePattern === byPipe && now.corePipeLimit === 16;
  });
  assert.deepEqual(readEnabled(stateDir)?.before, { corePattern: '|/bin/cat %p', corePipeLimit: 7 });
  const { collected, reason } = await entry((await run(compile('nested', join(stateDir, 'nested')))).pid);
  assert.equal(collected, 'full', reason ?? '');
  const noted = readEnabled(stateDir);
  assert.ok(noted !== null);
  writeEnabled(stateDir, { ...noted, state: 'disabling' });
  writeCoreSysctls({ corePattern: 'core', corePipeLimit: 0 });
  await until('it has been seen', () => status().corePattern.changes === 2);
  assert.deepEqual(readCoreSysctls(), { corePattern: 'core', corePipeLimit: 0 });
});

test('units: the server has its ledger by a socket that systemd holds', async (t) => {
  const { stateDir, systemctl } = await enabled(t, FILE_BEFORE);
  const status = () => JSON.parse(readFileSync(join(stateDir, '../run/status.json'), 'utf8'));
  await until('the ledger is on', () => status().ledger.state === 'on');
  await until('it has seen what the client wrote', () => status().mode === 'socket');
  const { pid } = status();
  await systemctl('kill', '--signal=KILL', 'usercrash.service');
  await until('the next one is on', () => status().pid !== pid && status().ledger.state === 'on');
  assert.equal(status().ledger.gaps, 0);
});

/** In some containers it has capabilities that we have not: then nobody knows what its mounts are. */
function mayLookAtInit(): boolean {
  try {
    readlinkSync('/proc/1/ns/mnt');
    return true;
  } catch {
    return false;
  }
}
