import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pendingNames, run, startCollecting, until } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';
import { compile } from './programs.ts';
import { runSecretive, SECRETS, secretiveProgram, USER } from './secretive.ts';

/** What a dump of the process gives away, by the program's mode and what it does. */
const CASES: readonly (readonly [what: string, mode: number, how: string])[] = [
  ['a setuid program', 0o4755, 'keep'],
  ['a setuid program that has given its rights back', 0o4755, 'drop'],
  ['a program that its user may not read', 0o711, 'keep'],
];

for (const mode of ['pipe', 'socket']) {
  test(`of a process that only root may read the report is root's, without memory, ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    for (const [what, fileMode, how] of CASES) {
      await t.test(what, async (t) => {
        const ended = await runSecretive(secretiveProgram(t, fileMode), how);
        assert.equal(ended.signal, 'SIGSEGV');
        const { path, text, record } = await collecting.published(ended.pid);
        for (const file of [path, `${path}.json`]) {
          const { uid, gid, mode } = statSync(file);
          assert.deepEqual([uid, gid, mode & 0o777], [0, 0, 0o600]);
        }
        assert.equal(existsSync(`${path}.core.zst`), false);
        assert.equal(record.process.dumpable, 2);
        assert.equal(record.process.uid, USER);
        const [first, second] = record.threads?.[0]?.frames ?? [];
        assert.deepEqual([first?.function, second?.function], ['fail_with', 'main']);
        assert.ok(first?.file?.endsWith('secretive.c') && (first.line ?? 0) > 0);
        assert.ok((record.registers?.length ?? 0) > 16);
        assert.match(
          text,
          /^Left out {3}memory, values .* only root may read this process \(dumpable 2\)$/ms,
        );
        const json = readFileSync(`${path}.json`, 'utf8');
        const history = readFileSync(join(collecting.directories.logDir, 'history'), 'utf8');
        for (const secret of SECRETS) {
          assert.ok(!`${text}${json}${history}`.includes(secret), secret);
        }
      });
    }
    const pending = readdirSync(join(collecting.directories.logDir, '.pending'));
    assert.deepEqual(
      pending.filter((name) => !name.startsWith('.')),
      [],
    );
  });
}

test("what waits of a process that only root may read is root's, and its core goes with the analysis", async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const first = await run(program);
  await gdb.started(1);
  const { pid } = await runSecretive(secretiveProgram(t, 0o4755), 'keep');
  const directory = join(collecting.directories.logDir, '.pending');
  const ofIt = () => pendingNames(collecting).filter((name) => name.includes(`-${pid}-`));
  await until('it is stored', () => ofIt().some((name) => name.endsWith('.captured')));
  for (const name of ofIt()) {
    const { uid, gid, mode } = statSync(join(directory, name));
    assert.deepEqual([uid, gid, mode & 0o777], [0, 0, 0o600], name);
    const text = readFileSync(join(directory, name), 'latin1');
    if (!name.includes('.core')) for (const secret of SECRETS) assert.ok(!text.includes(secret), name);
  }
  gdb.open();
  await collecting.published(first.pid);
  const { path, text, record } = await collecting.published(pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'fail_with');
  assert.equal(existsSync(`${path}.core.zst`), false);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), secret);
  await until('nothing waits', () => pendingNames(collecting).length === 0);
});

test('of the same program as everybody else the report holds them, and is for the group', async (t) => {
  const collecting = await startCollecting(t);
  const { path, text, record } = await collecting.published(
    (await runSecretive(secretiveProgram(t, 0o755), 'keep')).pid,
  );
  assert.equal(record.process.dumpable, 1);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.ok(existsSync(`${path}.core.zst`));
  for (const secret of SECRETS) assert.ok(text.includes(secret), secret);
  assert.doesNotMatch(text, /^Left out/m);
});

test('of a process that asks not to be dumped the kernel tells us nothing', async (t) => {
  const collecting = await startCollecting(t);
  const silent = await runSecretive(secretiveProgram(t, 0o755), 'undumpable');
  assert.equal(silent.signal, 'SIGSEGV');
  const next = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
  await collecting.published(next.pid);
  await until('its line', () => collecting.server.log.some((line) => line.includes(`-${next.pid}-`)));
  assert.ok(!collecting.server.log.some((line) => line.includes(`-${silent.pid}-`)));
});
