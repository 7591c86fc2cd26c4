import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { pendingNames, run, startCollecting, until } from './collecting.ts';
import { makeCgroup, makeContainer } from './container.ts';
import { collectingWithGate } from './gated-gdb.ts';

const ID = 'c0ffee'.padEnd(64, '0');

for (const mode of ['pipe', 'socket']) {
  test(`a crash in a container has the functions and lines of the container's files, ${mode}`, async (t) => {
    const container = makeContainer(t);
    const cgroup = makeCgroup(t, `/docker-${ID}.scope/system.slice/in.service`);
    const collecting = await startCollecting(t, ['--mode', mode]);
    const { text, record } = await collecting.published(container.crash('libc', { cgroup }));
    const [inside, caller, library, main] = record.threads?.[0]?.frames ?? [];
    assert.deepEqual(
      [inside, caller, library, main].map((frame) => frame?.function),
      ['strlen', 'in_libc', 'measure_with', 'main'],
    );
    assert.equal(inside?.module, '/opt/musl/libc.so');
    assert.equal(library?.module, '/opt/measure/libmeasure.so.1.0');
    assert.match(library?.file ?? '', /library\.c$/);
    assert.deepEqual(
      record.source?.lines.filter(({ current }) => current).map((line) => line.text),
      ['static unsigned long in_libc(const char *text) { return strlen(text); }'],
    );
    const { process: identity } = record;
    assert.deepEqual([identity.namespacePid, identity.namespaceTid, identity.ownMounts], [1, 1, true]);
    assert.equal(identity.package, null);
    assert.deepEqual(
      [identity.containerEngine, identity.container, identity.containerToldBy],
      ['docker', ID, 'cgroup'],
    );
    assert.deepEqual([identity.unitInside, identity.unit], ['in.service', `docker-${ID}.scope`]);
    assert.match(text, /pid \d+ \(1 in its own namespace\)/);
    assert.match(
      text,
      /^Unit {7}in\.service in docker-c0ffee000000\.scope {3}Container docker c0ffee000000, Small \\x1b\[1m Linux {3}/m,
    );
    assert.doesNotMatch(text, /of the machine/);
  });
}

test("a crash has its container's functions when its root has been removed before they are looked at", async (t) => {
  const container = makeContainer(t);
  const { collecting, gdb } = await collectingWithGate(t);
  const pid = container.crash('libc');
  await gdb.started(1);
  rmSync(container.root, { recursive: true });
  gdb.open();
  const { text, record } = await collecting.published(pid);
  assert.deepEqual(
    record.threads?.[0]?.frames?.map((frame) => frame.function),
    ['strlen', 'in_libc', 'measure_with', 'main'],
  );
  assert.equal(record.source, null);
  assert.match(text, /cannot be read where the process ran/);
  assert.doesNotMatch(text, /of the machine/);
});

test('a crash that had to wait has its lines from mounts that are kept for it', async (t) => {
  const container = makeContainer(t);
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  await run(program);
  await gdb.started(1);
  const pid = container.crash('program');
  await until(
    'both are stored',
    () => pendingNames(collecting).filter((name) => name.endsWith('.captured')).length === 2,
  );
  gdb.open();
  const { text, record } = await collecting.published(pid);
  assert.match(text, /analysed later/);
  assert.match(record.source?.lines.find(({ current }) => current)?.text ?? '', /in_program/);
});

test('a crash whose mounts are kept by nobody any more shows no lines, and no file of the machine', async (t) => {
  const container = makeContainer(t);
  const { collecting, gdb, program, toldToWait } = await collectingWithGate(t, ['--analyses', '1']);
  await run(program);
  await gdb.started(1);
  const pid = container.crash('program');
  await toldToWait(pid);
  await collecting.server.stop('SIGKILL');
  gdb.open();
  await collecting.restart();
  const { text, record } = await collecting.published(pid);
  assert.equal(record.source, null);
  assert.match(text, /what the process had mounted is not known any more/);
  assert.doesNotMatch(text, /of the machine/);
});

for (const mode of ['pipe', 'socket']) {
  test(`a crash in a user namespace tells who it was inside and outside, ${mode}`, async (t) => {
    const container = makeContainer(t);
    const collecting = await startCollecting(t, ['--owner-access', '--mode', mode]);
    const users = '0 100000 65536\n';
    const asRoot = await collecting.published(container.crash('program', { users }));
    const { process: root } = asRoot.record;
    assert.deepEqual([root.uid, root.gid, root.namespaceUid, root.namespaceGid], [100_000, 100_000, 0, 0]);
    assert.match(asRoot.text, /uid 100000 \(0 in its own namespace\)/);
    assert.match(asRoot.record.source?.lines.find(({ current }) => current)?.text ?? '', /in_program/);
    const asUser = await collecting.published(container.crash('program', { users, id: 1000 }));
    assert.deepEqual([asUser.record.process.uid, asUser.record.process.namespaceUid], [101_000, 1000]);
    // Whoever has the same number outside is nobody in the container.
    assert.deepEqual([asRoot.record.readers, asUser.record.readers], ['group', 'group']);
    const outside = await collecting.published(container.crash('program', { id: 1000 }));
    assert.equal(outside.record.readers, 'owner');
  });
}
