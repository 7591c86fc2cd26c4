import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCoreSysctls } from '../../linux/core-pattern.ts';
import { bytesOfText } from '../../report/bytes-text.ts';
import { readHistory } from '../../report/read-history.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { ensureJournald } from '../journald.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { assertWhole } from './assert-whole.ts';
import { run, saveFullCores, startCollecting } from './collecting.ts';
import { framesOfGdb, framesOfRecord } from './gdb-frames.ts';
import { compile, type SOURCES } from './programs.ts';

const SAME: [what: string, name: keyof typeof SOURCES, flags: string[], signal: string][] = [
  ['C with debug information', 'nested', ['-g', '-O0'], 'SIGSEGV'],
  ['optimised C', 'nested', ['-g', '-O2'], 'SIGSEGV'],
  ['C without debug information', 'nested', ['-O1', '-fno-inline'], 'SIGSEGV'],
  ['a C++ exception', 'exception', ['-g', '-O0'], 'SIGABRT'],
  ['an assert', 'assertion', ['-g', '-O0'], 'SIGABRT'],
  ['threads', 'threads', ['-g', '-O0'], 'SIGABRT'],
];

test('a crash: frames equal those that gdb prints for the full core', async (t) => {
  await ensureJournald(t);
  const collecting = await startCollecting(t);
  const cores = saveFullCores(collecting);
  for (const [what, name, flags, signal] of SAME) {
    await t.test(what, async () => {
      const program = compile(name, join(collecting.directories.stateDir, name, flags.join(''), name), flags);
      const ended = await run(program);
      assert.equal(ended.signal, signal);
      const published = await collecting.published(ended.pid);
      const expected = framesOfGdb(program, join(cores, `core.${ended.pid}`));
      assert.ok(expected.size > 0 && [...expected.values()].every((frames) => frames.length > 0));
      const actual = framesOfRecord(published.record);
      assert.deepEqual(actual, expected);
      // Without debug information there is no source, and nothing else is missing.
      const hasSource = flags.includes('-g');
      if (hasSource) assertWhole(published);
      else assert.deepEqual(Object.keys(published.record.missing), ['source']);
    });
  }
});

test('a crash: threads have their names, and the one that died comes first', async (t) => {
  const collecting = await startCollecting(t);
  const ended = await run(compile('threads', join(collecting.directories.stateDir, 'threads')));
  const { record, text } = await collecting.published(ended.pid);
  assert.equal(record.threads?.[0]?.crashed, true);
  assert.equal(record.threads?.[0]?.name, 'the unlucky');
  assert.deepEqual(record.threads?.map(({ name }) => name).sort(), [
    'the unlucky',
    'threads',
    'worker-0',
    'worker-1',
    'worker-2',
    'worker-4',
  ]);
  assert.match(text, /^Where .* thread the unlucky$/m);
});

test('a crash: an assert has its text in the journal window', async (t) => {
  await ensureJournald(t);
  const collecting = await startCollecting(t);
  const program = compile('assertion', join(collecting.directories.stateDir, 'assertion'));
  const ended = await run('systemd-cat', ['--identifier=assertion', program]);
  assert.equal(ended.signal, 'SIGABRT');
  const { record, text } = await collecting.published(ended.pid);
  const own = record.journal?.entries.filter(({ why }) => why === 'process') ?? [];
  assert.ok(
    own.some(({ message }) => message.includes('the answer must be 42')),
    JSON.stringify(own),
  );
  assert.match(text, /== Journal ==[\s\S]*the answer must be 42/);
});

test('a crash: a hostile path and name reach the report as they are, and no shell', async (t) => {
  const collecting = await startCollecting(t);
  const hostile = join(collecting.directories.stateDir, `it's "quoted"\n;touch x; $(touch y) \x1b[31m`);
  const program = join(hostile, 'my program;touch z;');
  compile('nested', join(collecting.directories.stateDir, 'plain'));
  mkdirSync(hostile, { recursive: true });
  const { copyFileSync } = await import('node:fs');
  copyFileSync(join(collecting.directories.stateDir, 'plain'), program);
  const ended = await run(program, ['--name=a b'], { cwd: collecting.directories.stateDir });
  assert.equal(ended.signal, 'SIGSEGV');
  const { record, text } = await collecting.published(ended.pid);
  assert.equal(bytesOfText(record.process.exe ?? '').toString(), program);
  assert.equal(record.process.comm, 'my program;touc');
  assert.equal(bytesOfText(record.process.commandLine?.[1] ?? '').toString(), '--name=a b');
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  assert.ok(!text.includes('\x1b'), 'an escape character reached the text');
  const made = readdirSync(collecting.directories.stateDir, { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    made.filter((name) => /(^|\/)[xyz]$/.test(name)),
    [],
  );
});

test('a crash: ten at once give ten reports', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const ended = await Promise.all(Array.from({ length: 10 }, () => run(program)));
  const published = await Promise.all(ended.map(({ pid }) => collecting.published(pid)));
  assert.equal(new Set(published.map(({ path }) => path)).size, 10);
  for (const [index, { record }] of published.entries()) {
    assert.equal(record.process.pid, ended[index]?.pid);
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  }
  assert.equal(new Set(published.map(({ record }) => record.quickKey)).size, 1);
  assert.equal(new Set(published.map(({ record }) => record.signature?.hash)).size, 1);
  const { logDir } = collecting.directories;
  const slots = [];
  for await (const { slot } of readHistory(logDir)) slots.push(slot);
  assert.deepEqual(
    slots.sort((one, other) => (one ?? -1) - (other ?? -1)),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual(
    readdirSync(join(logDir, '.pending')).filter((name) => !name.startsWith('.')),
    [],
  );
});

test('a crash: core_pattern is what it was when the server has ended', async (t) => {
  const collecting = await startCollecting(t);
  assert.notDeepEqual(readCoreSysctls(), collecting.before);
  assert.equal(await collecting.server.stop('SIGKILL'), 'SIGKILL');
  // A killed server leaves its pattern; the next one must not take that for the machine's own.
  await (await collecting.restart()).logged(' collecting ');
  assert.equal(await collecting.server.stop(), 0);
  assert.deepEqual(readCoreSysctls(), collecting.before);
  assert.equal(existsSync(collecting.server.socket), false);
});

test('a second collector beside the first gives core_pattern back to it', async (t) => {
  const first = await startCollecting(t);
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  const second = startTestServer(t, testDirectories(t), {
    program: join(import.meta.dirname, '../../dist/usercrash-server'),
    args: ['--own-core-pattern', '--mode', 'pipe'],
  });
  await (await second).logged(' collecting ');
  assert.notEqual(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), pattern);
  assert.equal(await (await second).stop(), 0);
  assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), pattern);
  const ended = await run(compile('nested', join(first.directories.stateDir, 'nested')));
  await first.published(ended.pid);
});

test('two collectors that end in the order of their start leave what was there before both', async (t) => {
  const first = await startCollecting(t, ['--mode', 'socket']);
  const second = await startTestServer(t, testDirectories(t), {
    program: join(import.meta.dirname, '../../dist/usercrash-server'),
    args: ['--own-core-pattern', '--mode', 'pipe', '--no-default-handler'],
  });
  await second.logged(' collecting ');
  assert.equal(await first.server.stop(), 0);
  assert.equal(await second.stop(), 0);
  assert.deepEqual(readCoreSysctls(), first.before);
});

test('a collector that starts for the first time makes its run directory, and feeds the handler before it', async (t) => {
  await takeCorePattern(t, '|/bin/true %P');
  const directories = testDirectories(t);
  const runDir = join(directories.runDir, '..', 'r');
  const server = await startTestServer(
    t,
    { ...directories, runDir },
    {
      program: join(import.meta.dirname, '../../dist/usercrash-server'),
      args: ['--own-core-pattern', '--mode', 'pipe'],
    },
  );
  await server.logged(' collecting ');
  assert.match(readCoreSysctls().corePattern, / \/bin\/true %P$/);
  assert.deepEqual(
    server.log.filter((line) => line.includes('default-handler-not-fed')),
    [],
  );
  assert.equal(await server.stop(), 0);
  assert.equal(readCoreSysctls().corePattern, '|/bin/true %P');
});

test('a collector in a mount namespace of its own says that it may not, and changes nothing', async (t) => {
  await takeCorePattern(t);
  const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  const script = 'mount -t tmpfs none /run && exec "$0" --own-core-pattern --mode socket';
  const server = join(import.meta.dirname, '../../dist/usercrash-server');
  const logDir = testDirectories(t).logDir;
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, server], {
    encoding: 'utf8',
    env: { ...process.env, USERCRASH_RUN_DIR: '/run/usercrash-elsewhere', USERCRASH_LOG_DIR: logDir },
  });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /may not be set from a container/);
  assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before);
});
