import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bind } from '../../linux/bind.ts';
import { connect } from '../../linux/connect.ts';
import { listen } from '../../linux/listen.ts';
import { socket } from '../../linux/socket.ts';
import { COREDUMP_SOCKET, socketPatternFor } from '../../protocol/core-pattern.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { renderText } from '../../report/render-text.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { type Collecting, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

const SOCKET = ['--mode', 'socket'];
const SERVER = join(import.meta.dirname, '../../dist/usercrash-server');
const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');

function residentOf({ directories }: Collecting): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      if (line.includes(`\0${directories.runDir}\0--resident\0`)) return Number(name);
    } catch {
      // It has ended since.
    }
  }
  return null;
}

/** What is the same in two crashes of one program, whatever collected them. */
function withoutChance(record: CrashRecord) {
  return {
    signal: record.signal,
    quickKey: record.quickKey,
    signature: record.signature,
    quality: record.quality,
    dumpable: record.process.dumpable,
    comm: record.process.comm,
    commandLine: record.process.commandLine,
    environment: record.process.environment,
    limits: record.process.limits,
    cgroup: record.process.cgroup,
    buildId: record.process.buildId,
    missing: record.missing,
    frames: record.threads?.map(({ name, frames }) => [
      name,
      frames?.map(({ function: name, file, line, arguments: given }) => [
        name,
        file,
        line,
        given?.map(({ name }) => name),
      ]),
    ]),
    code: record.code?.map(({ text }) => text.replaceAll(/0x[0-9a-f]+/g, '')),
    source: record.source,
    openFiles: record.openFiles?.files.map(({ fd, flags }) => [fd, flags]),
    modules: record.modules?.map(({ name, buildId }) => [name, buildId]),
    sections: renderText(record).match(/^== .* ==$/gm),
  };
}

test('socket mode: the report is the one that a client by pipe makes', async (t) => {
  const records: CrashRecord[] = [];
  for (const mode of ['socket', 'pipe']) {
    await t.test(mode, async (t) => {
      const collecting = await startCollecting(t, ['--mode', mode]);
      // One thread: the kernel lists several in no certain order.
      const program = compile('nested', '/var/tmp/uc-same/nested');
      const ended = await run(program);
      const { record } = await collecting.published(ended.pid);
      assert.equal(record.collection.mode, mode);
      records.push(record);
    });
  }
  const [bySocket, byPipe] = records;
  assert.ok(bySocket && byPipe);
  assert.deepEqual(withoutChance(bySocket), withoutChance(byPipe));
  assert.deepEqual(Object.keys(bySocket), Object.keys(byPipe));
});

test('socket mode: a thread of a process in its own pid namespace is found', async (t) => {
  const collecting = await startCollecting(t, SOCKET);
  const program = compile('threads', join(collecting.directories.stateDir, 'threads'));
  await run('unshare', ['--pid', '--fork', '--mount-proc', program]);
  // unshare dies by the same signal, for its parent to see: that is a crash as well.
  const line = await collecting.server.logged('program=threads');
  const path = /path=(\S+)/.exec(line)?.[1] ?? '';
  const record: CrashRecord = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
  assert.equal(record.threads?.[0]?.name, 'the unlucky');
  assert.equal(record.process.namespacePid, 1);
  assert.notEqual(record.process.namespaceTid, record.process.tid);
});

test('socket mode: crashes wait while there is no resident client, and none is lost', async (t) => {
  const collecting = await startCollecting(t, SOCKET);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const resident = residentOf(collecting);
  assert.ok(resident !== null);
  process.kill(resident, 'SIGSTOP');
  const crashes = Array.from({ length: 20 }, () => run(program));
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(resident, 'SIGKILL');
  const ended = await Promise.all(crashes);
  for (const { pid } of ended)
    assert.equal((await collecting.published(pid)).record.collection.mode, 'socket');
});

test("socket mode: crashes wait in a service manager's socket (LISTEN_FDS) while the client restarts", async (t) => {
  await takeCorePattern(t);
  const directories = testDirectories(t);
  const server = await startTestServer(t, directories, { program: SERVER });
  const listener = socket('stream', { nonBlocking: false });
  t.after(() => closeSync(listener));
  bind(listener, join(directories.runDir, COREDUMP_SOCKET));
  listen(listener, 64);
  writeFileSync('/proc/sys/kernel/core_pattern', socketPatternFor(directories.runDir));
  const start = () => {
    const words = [
      '-c',
      'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"',
      'sh',
      CLIENT,
      directories.runDir,
      '--resident',
    ];
    const client = spawn('/bin/sh', words, { stdio: ['ignore', 'ignore', 'inherit', listener] });
    t.after(() => client.kill('SIGKILL'));
    return client;
  };
  const program = compile('nested', join(directories.stateDir, 'nested'));
  const published = async (pid: number) =>
    until('its report', () =>
      server.log.some((line) => line.includes('report-published') && line.includes(`-${pid}-`)),
    );
  const first = start();
  await published((await run(program)).pid);
  first.kill('SIGTERM');
  assert.deepEqual(await once(first, 'exit'), [0, null]);
  const crash = run(program);
  start();
  await published((await crash).pid);
});

test('socket mode: whoever connects by hand is sent away, and crashes go on', async (t) => {
  const collecting = await startCollecting(t, SOCKET);
  const path = join(collecting.directories.runDir, COREDUMP_SOCKET);
  const connections = ['', 'x', '\x10\0\0\0\x10\0\0\0\x0f\0\0\0\0\0\0\0', 'y'.repeat(100_000)].map(
    (bytes) => {
      const fd = socket('stream', { nonBlocking: true });
      connect(fd, path);
      writeSync(fd, bytes);
      return fd;
    },
  );
  const ended = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
  const { record } = await collecting.published(ended.pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  for (const fd of connections) closeSync(fd);
});

test('socket mode: a server that is killed leaves crashes to clients of their own', async (t) => {
  const collecting = await startCollecting(t, SOCKET);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  await collecting.server.stop('SIGKILL');
  await until('core_pattern names a program', () =>
    readFileSync('/proc/sys/kernel/core_pattern', 'latin1').startsWith('|'),
  );
  const ended = await run(program);
  const pending = join(collecting.directories.logDir, '.pending');
  await until('a report in .pending', () => readdirSync(pending).some((name) => name.endsWith('.txt')));
  await collecting.restart(SOCKET);
  const { record } = await collecting.published(ended.pid);
  assert.equal(record.collection.mode, 'pipe');
  await collecting.server.logged(' collecting ');
  assert.match(readFileSync('/proc/sys/kernel/core_pattern', 'latin1'), /^@@/);
  await collecting.server.stop();
  assert.equal(existsSync(join(collecting.directories.runDir, COREDUMP_SOCKET)), false);
});

test('socket mode: the kernel has nothing to complain about, and no descriptor is left', async (t) => {
  const collecting = await startCollecting(t, SOCKET);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const resident = residentOf(collecting) ?? 0;
  const crash = async () => collecting.published((await run(program)).pid);
  const open = () => readdirSync(`/proc/${resident}/fd`).length;
  // It may have some more for a moment: the process that waits for the next crash is started anew.
  let before = open();
  for (let number = 0; number < 3; number += 1) {
    await crash();
    before = Math.max(before, open());
  }
  const pids: number[] = [];
  for (let number = 0; number < 12; number += 1) pids.push((await crash()).record.process.pid);
  await until('no more descriptors than before', () => open() <= before);
  const log = execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const complaints = log.split('\n').filter((line) => pids.some((pid) => line.includes(`coredump: ${pid}(`)));
  assert.deepEqual(complaints, []);
});
