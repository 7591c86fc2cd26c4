import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bind } from '../../../linux/bind.ts';
import { listen } from '../../../linux/listen.ts';
import { setReceiveBuffer } from '../../../linux/setsockopt.ts';
import { socket } from '../../../linux/socket.ts';
import { COREDUMP_SOCKET, socketPatternFor } from '../../../protocol/core-pattern.ts';
import { crashIdOf } from '../../../protocol/crash-id.ts';
import { isCrash } from '../../../report/history.ts';
import { subscription } from '../../../server/ledger/process-event.ts';
import { testEvent } from '../test-server.ts';
import { heldConnector } from './held-connector.ts';
import { bootId, crash, crashWithKilledClient, ledgerPlace } from './ledger-place.ts';

test('ledger: a dump whose client is killed at once is not collected, and the history knows who died', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 500 });
  const pid = await crashWithKilledClient(place);
  await place.until('a line', async () => (await place.history()).length > 0);
  const [entry] = await place.history();
  assert.equal(entry?.collected, 'not collected');
  assert.match(entry.reason ?? '', /^the kernel dumped it for [\d.]+ ms, and no client brought anything$/);
  assert.deepEqual([entry.pid, entry.signal, entry.uid], [pid, 'SIGSEGV', process.getuid?.()]);
  assert.match(entry.program ?? '', /sh$/);
  assert.match(entry.crashId ?? '', new RegExp(`^${bootId()}-${pid}-[1-9]\\d+-\\d+$`));
  assert.deepEqual([place.ledger.state.dumps, place.ledger.state.lost], [1, 1]);
});

test('ledger: what is over core_pipe_limit is in the history, also where the kernel has stopped saying so', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 500 });
  place.handler('exec sleep 1', 1);
  const crashes = Array.from({ length: 30 }, () => crash());
  const pids = await Promise.all(crashes);
  await place.until('all lines', async () => (await place.history()).length === 30);
  const entries = await place.history();
  assert.deepEqual(entries.map(({ pid }) => pid).sort(), [...pids].sort());
  const reasons = entries.map(({ reason }) => reason ?? '');
  const said = reasons.filter((reason) => reason.startsWith('the kernel says: over core_pipe_limit'));
  const inferred = reasons.filter((reason) => /^over core_pipe_limit.*says of others/.test(reason));
  // The kernel writes ten such lines in 5 s; the first process was handed over.
  assert.ok(said.length > 0 && said.length <= 10, `${said.length}`);
  assert.ok(said.length + inferred.length >= 28, reasons.join('\n'));
  assert.equal(place.ledger.state.undumped, 0);
});

test("ledger: what finds the socket's queue full is not collected", async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  const path = join(place.directories.runDir, COREDUMP_SOCKET);
  const listener = socket('stream', { nonBlocking: true });
  bind(listener, path);
  listen(listener, 1);
  writeFileSync('/proc/sys/kernel/core_pattern', socketPatternFor(place.directories.runDir));
  const crashes = Array.from({ length: 6 }, () => crash());
  await place.until('lines', async () => (await place.history()).length === 4);
  for (const { reason } of await place.history()) assert.match(reason ?? '', /the kernel says: .*queue full/);
  assert.deepEqual([place.ledger.state.dumps, place.ledger.state.open], [6, 2]);
  closeSync(listener);
  await Promise.all(crashes);
});

test('ledger: RLIMIT_CORE 0 does not keep a pipe from its dump, 1 does, and a process that is not dumpable is none', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 500 });
  place.handler('cat > /dev/null');
  const unlimited = await crash('ulimit -c 0');
  // The kernel's guard against a handler whose crash starts the handler.
  spawnSync('prlimit', ['--core=1', 'sh', '-c', 'kill -SEGV $$']);
  const source = join(place.directories.runDir, 'p.c');
  writeFileSync(source, '#include <sys/prctl.h>\nint main(void) { prctl(4, 0); *(volatile int *)0 = 1; }');
  execFileSync('gcc', ['-w', '-o', join(place.directories.runDir, 'p'), source]);
  // On a busy machine it may take too long to end to be told from one that was dumped: then it has a line that says so.
  let runs = 0;
  while (runs < 20 && place.ledger.state.undumped === 0) {
    spawnSync(join(place.directories.runDir, 'p'));
    runs += 1;
    await place.until('all settled', () => {
      const { dumps, undumped, open } = place.ledger.state;
      return dumps + undumped === runs + 2 && open === 0;
    });
  }
  const isDoubtful = /may not have been dumped at all$/;
  await place.until('a line each', async () => (await place.history()).length === runs + 1);
  const entries = (await place.history()).filter(({ reason }) => !isDoubtful.test(reason ?? ''));
  const byPid = entries.map(({ pid, reason }) => [pid === unlimited, reason?.replace(/[\d.]+ ms/, 'N ms')]);
  assert.deepEqual(
    byPid.sort(([a], [b]) => Number(b) - Number(a)),
    [
      [true, 'the kernel dumped it for N ms, and no client brought anything'],
      [false, 'the kernel says: RLIMIT_CORE is set to 1, aborting core'],
    ],
  );
  assert.deepEqual([place.ledger.state.dumps, place.ledger.state.undumped], [runs + 1, 1]);
});

test('ledger: events that are lost are a gap, which is no crash', async (t) => {
  const place = await ledgerPlace(t, { receiveBytes: 4096, patienceMs: 500 });
  place.handler('exit 0');
  // The event loop stands still meanwhile.
  spawnSync('sh', ['-c', 'for i in $(seq 100); do sh -c "kill -SEGV \\$\\$"; done']);
  await place.until('a gap', () => place.ledger.state.gaps > 0);
  await place.ledger.stop();
  const entries = await place.history();
  const gap = entries.find(({ collected }) => collected === 'gap');
  assert.match(gap?.reason ?? '', /than there was room for.*, from .*crashes may be missing$/);
  assert.deepEqual([gap?.crashId, gap?.pid, gap?.program], [null, null, null]);
  assert.ok(gap && !isCrash(gap));
  assert.ok(place.ledger.state.dumps < 100);
});

test('ledger: a crash that was thought to be lost and comes is told once', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 100 });
  place.handler('exit 0');
  const pid = await crash();
  await place.until('a line', async () => (await place.history()).length === 1);
  const [lost] = await place.history();
  const startTicks = Number(lost?.crashId?.split('-')[2]);
  const crashId = crashIdOf({ bootId: bootId(), pid, startTicks, atUs: (lost?.at.us ?? 0) + 1234 });
  place.ledger.began(testEvent({ crashId, pid }));
  await place.until('withdrawn', async () => (await place.history())[0]?.collected === 'withdrawn');
  const [withdrawn, ...others] = await place.history();
  assert.deepEqual([withdrawn?.crashId, withdrawn?.reason], [lost?.crashId, `it came after all: ${crashId}`]);
  assert.deepEqual(others, []);
  assert.deepEqual([place.ledger.state.seen, place.ledger.state.lost], [1, 0]);
});

test('ledger: what a server that was killed knew of a dump, the next one tells', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  const pid = await crashWithKilledClient(place);
  const ended = new RegExp(`"kind":"end","pid":${pid},`);
  await place.until('its end', () => ended.test(readFileSync(place.journal, 'latin1')));
  place.next({ patienceMs: 500 });
  await place.until('a line and a gap', async () => (await place.history()).length === 2);
  const [gap, entry] = (await place.history()).sort((a, b) => Number(isCrash(a)) - Number(isCrash(b)));
  assert.match(gap?.reason ?? '', /^no server ran from \S+ to \S+: crashes may be missing$/);
  assert.deepEqual([entry?.pid, entry?.collected, entry?.signal], [pid, 'not collected', 'SIGSEGV']);
  assert.match(entry?.reason ?? '', /^the kernel dumped it for [\d.]+ ms, and no client brought anything$/);
});

test('ledger: what a server that was killed had told already, the next one does not tell again', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 100 });
  place.handler('exit 0');
  const pid = await crash();
  await place.until('a line', async () => (await place.history()).length === 1);
  const [told] = await place.history();
  const next = place.next({ patienceMs: 100 });
  await place.until('it knows', () => next.state.lost === 1);
  assert.equal((await place.history()).filter(isCrash).length, 1);
  // It can still come.
  const startTicks = Number(told?.crashId?.split('-')[2]);
  const crashId = crashIdOf({ bootId: bootId(), pid, startTicks, atUs: (told?.at.us ?? 0) + 1234 });
  next.began(testEvent({ crashId, pid }));
  await place.until('withdrawn', async () =>
    (await place.history()).some((e) => e.crashId === told?.crashId && e.collected === 'withdrawn'),
  );
  assert.deepEqual([next.state.dumps, next.state.seen, next.state.lost], [1, 1, 0]);
});

test('ledger: what the log said while no server ran is told by the next one', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  place.handler('exit 0');
  // As client/kernel-log.ts; no process has that number.
  writeFileSync('/dev/kmsg', '<27>usercrash: pid 4194303, signal 11: not collected: ENOSPC: no space left\n');
  place.next();
  await place.until('its line', async () => (await place.history()).some(({ pid }) => pid === 4_194_303));
  const entry = (await place.history()).find(({ pid }) => pid === 4_194_303);
  assert.equal(entry?.reason, 'the client could not: ENOSPC: no space left');
});

test('ledger: of the time in which no server ran a held socket tells all, and there is no gap', async (t) => {
  const held = heldConnector(t);
  const place = await ledgerPlace(t, { patienceMs: 500, held: held() });
  place.handler('exit 0');
  await place.ledger.stop();
  const pid = await crash();
  const refused = await crash('prlimit --pid $$ --core=1');
  // A server that has crashed itself.
  const source = join(place.directories.runDir, 'p.c');
  writeFileSync(source, '#include <sys/prctl.h>\nint main(void) { prctl(4, 0); *(volatile int *)0 = 1; }');
  execFileSync('gcc', ['-w', '-o', join(place.directories.runDir, 'p'), source]);
  const { pid: server } = spawnSync(join(place.directories.runDir, 'p'));
  const next = place.next({ patienceMs: 500, held: held() }, server);
  await place.until('it is on', () => next.state.state === 'on');
  await place.until('three lines', async () => (await place.history()).length === 3);
  const entries = await place.history();
  const reasonFor = (of: number) => entries.find((entry) => entry.pid === of)?.reason ?? '';
  // Nobody has seen that it was being dumped.
  assert.match(reasonFor(pid), /^it was with the kernel for [\d.]+ ms, and no client brought anything/);
  assert.match(reasonFor(refused), /^the kernel says: RLIMIT_CORE is set to 1/);
  assert.match(reasonFor(server), /^it is a program of ours/);
  assert.deepEqual([next.state.dumps, next.state.lost, next.state.gaps], [3, 3, 0]);
});

test('ledger: a held socket in which there was no room for all leaves a gap, and is listened to again', async (t) => {
  const held = heldConnector(t);
  const place = await ledgerPlace(t, { patienceMs: 500, held: held(), receiveBytes: 4096 });
  place.handler('exit 0');
  await place.ledger.stop();
  for (let count = 0; count < 20; count += 1) await crash();
  const next = place.next({ patienceMs: 500, held: held() });
  await place.until('it is on', () => next.state.state === 'on');
  const before = next.state.dumps;
  assert.ok(before > 0 && before < 20, `${before} dumps`);
  await place.until('a gap', async () =>
    (await place.history()).some(({ reason }) => /^no server ran from /.test(reason ?? '')),
  );
  await crash();
  await place.until('the next dump', () => next.state.dumps === before + 1);
});

test('ledger: a held socket that others have filled before anybody listened is emptied first', async (t) => {
  // Whoever else listens has the kernel tell every member of the group.
  const other = heldConnector(t)();
  t.after(() => closeSync(other));
  writeSync(other, subscription(1));
  const held = heldConnector(t);
  const given = held();
  setReceiveBuffer(given, 4096);
  for (let count = 0; count < 20; count += 1) spawnSync('true');
  const place = await ledgerPlace(t, { held: given });
  assert.deepEqual([place.ledger.state.state, place.ledger.state.gaps], ['on', 0]);
});

test('ledger: the end of a process that is killed in its dump is known at once', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  const pidFile = join(place.directories.stateDir, '..', 'client');
  place.handler(`echo $2 > ${pidFile}; exec sleep 60`);
  const crashed = crash();
  await place.until('a client', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
  const pid = Number(readFileSync(pidFile, 'utf8'));
  process.kill(pid, 'SIGKILL');
  assert.equal(await crashed, pid);
  // As client/kernel-log.ts, of a client that finds it gone.
  writeFileSync('/dev/kmsg', `<27>usercrash: pid ${pid}: not collected: Process 0 is not being dumped\n`);
  await place.until('a line', async () => (await place.history()).length === 1);
  const [entry] = await place.history();
  assert.deepEqual(
    [entry?.pid, entry?.signal, entry?.reason],
    [pid, null, 'the client could not: Process 0 is not being dumped'],
  );
});

test('ledger: what is open when the server stops has its line', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  place.handler('exit 0');
  const pid = await crash();
  await place.until('it is open', () => place.ledger.state.open === 1);
  await place.ledger.stop();
  const entries = await place.history();
  assert.deepEqual(
    entries.map((entry) => [entry.pid, entry.collected, entry.reason]),
    [[pid, 'not collected', 'the server stopped before anything came of it']],
  );
});

test('ledger: a refusal that names a process by its number in a pid namespace is of the one that was gone when we looked', async (t) => {
  const place = await ledgerPlace(t, { patienceMs: 60_000 });
  place.handler('cat > /dev/null');
  // The kernel's guard, as gdb bears it in its cage: nothing is left of it when we look.
  for (let round = 0; round < 5; round += 1)
    spawnSync('prlimit', [
      '--core=1',
      'unshare',
      '--pid',
      '--fork',
      'sh',
      '-c',
      'sh -c "kill -SEGV \\$\\$"; true',
    ]);
  await place.until('all settled', () => place.ledger.state.lost + place.ledger.state.undumped === 5);
  assert.equal(place.ledger.state.undumped, 0);
  const reasons = (await place.history()).map(({ reason }) => reason);
  assert.deepEqual(
    reasons,
    Array.from({ length: 5 }, () => 'the kernel says: RLIMIT_CORE is set to 1, aborting core'),
  );
});
