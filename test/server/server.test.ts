import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DgramSocket } from 'node-unix-socket';
import { connect } from '../../linux/connect.ts';
import { recvmsg } from '../../linux/recvmsg.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../linux/setsockopt.ts';
import { socket } from '../../linux/socket.ts';
import { decodeMessage, encodeMessage, MAX_FRAME_BYTES, Reason } from '../../protocol/codec.ts';
import { begin, COMPLETED, close, fill, historyLines, report } from './client-side.ts';
import { startTestServer, type TestServer, testDirectories, testEvent } from './test-server.ts';

/** What the server answers to a raw packet. */
function answerTo(server: TestServer, ...packets: Buffer[]): { reason: Reason; detail: string } {
  const fd = socket('seqpacket', { nonBlocking: false });
  try {
    setSocketTimeout(fd, 5_000);
    connect(fd, server.socket);
    for (const packet of packets) sendmsg(fd, packet);
    for (;;) {
      const packet = recvmsg(fd, MAX_FRAME_BYTES);
      assert.ok(packet !== null, 'the server closed without a word');
      close(packet.descriptors);
      const message = decodeMessage(packet.body);
      if (message.name === 'refused') return message.value;
    }
  } finally {
    closeSync(fd);
  }
}

test('server: a conversation ends in usercrash_00 with JSON, core and a history line, and leaves nothing else', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const event = testEvent();
  const path = report(server, 'one', event);
  assert.equal(path, join(server.logDir, 'usercrash_00'));
  assert.equal(readFileSync(path, 'utf8'), 'text one');
  assert.equal(readFileSync(`${path}.json`, 'utf8'), 'json one');
  assert.equal(readFileSync(`${path}.core.zst`, 'utf8'), 'core one');
  for (const suffix of ['', '.json', '.core.zst']) {
    assert.equal(statSync(path + suffix).mode & 0o777, 0o640);
    assert.equal(statSync(path + suffix).nlink, 1);
  }
  const [line, ...more] = historyLines(server);
  assert.deepEqual(more, []);
  assert.equal(line?.['crashId'], event.crashId);
  assert.equal(line?.['slot'], 0);
  assert.equal(line?.['collected'], 'full');
  assert.deepEqual(readdirSync(join(server.logDir, '.pending')), []);
  assert.deepEqual(readdirSync(server.logDir).sort(), [
    '.pending',
    'history',
    'usercrash_00',
    'usercrash_00.core.zst',
    'usercrash_00.json',
  ]);
});

test('server: its socket is 0600 in a directory of 0700', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  assert.equal(statSync(server.socket).mode & 0o777, 0o600);
  assert.equal(statSync(server.runDir).mode & 0o777, 0o700);
});

test('server: a report has no name before it is whole, and the old one stays until then', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: ['--slots', '1'] });
  const path = report(server, 'old');
  const connection = server.connect();
  const descriptors = begin(connection, testEvent());
  fill(descriptors, 'new');
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  connection.receive(['analysisGranted'], 5_000);
  assert.equal(readFileSync(path, 'utf8'), 'text old');
  connection.send('completed', COMPLETED);
  connection.receive(['published'], 5_000);
  assert.equal(readFileSync(path, 'utf8'), 'text new');
  assert.equal(readFileSync(`${path}.core.zst`, 'utf8'), 'core new');
  close(descriptors);
  connection.close();
});

test('server: a client that goes away before it has captured costs no slot and leaves a line with the reason', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const gone = server.connect();
  close(begin(gone, testEvent()));
  gone.close();
  await server.logged('crash-not-collected');
  const aborted = server.connect();
  close(begin(aborted, testEvent()));
  aborted.send('aborted', { reason: 'the process vanished', noRoom: false });
  aborted.close();
  await server.logged('the process vanished');
  assert.equal(report(server, 'x'), join(server.logDir, 'usercrash_00'));
  const lines = historyLines(server);
  assert.deepEqual(
    lines.map((line) => [line['collected'], line['slot']]),
    [
      ['not collected', null],
      ['not collected', null],
      ['full', 0],
    ],
  );
  assert.equal(lines[1]?.['reason'], 'the process vanished');
});

test('server: slots fill from 0, then the oldest report gives way, also after a restart', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories, { args: ['--slots', '3'] });
  assert.deepEqual(
    ['a', 'b'].map((text) => report(first, text)),
    [0, 1].map((slot) => join(first.logDir, `usercrash_0${slot}`)),
  );
  assert.equal(await first.stop(), 0);
  const second = await startTestServer(t, directories, { args: ['--slots', '3'] });
  const names = ['c', 'd', 'e'].map((text) => report(second, text).slice(-2));
  assert.deepEqual(names, ['02', '00', '01']);
  assert.equal(readFileSync(join(second.logDir, 'usercrash_00'), 'utf8'), 'text d');
});

test('server: a deleted report frees its slot', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  for (const text of ['a', 'b', 'c']) report(server, text);
  spawnSync('rm', [join(server.logDir, 'usercrash_01')]);
  assert.equal(report(server, 'd'), join(server.logDir, 'usercrash_01'));
});

test('server: what it cannot understand is refused with its reason, and others go on', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const bystander = server.connect();
  const descriptors = begin(bystander, testEvent());
  const event = encodeMessage('crashEvent', testEvent());
  const cases: [string, Reason, Buffer[]][] = [
    ['garbage', Reason.MALFORMED, [Buffer.from([0xff, 0xff])]],
    ['an unknown message', Reason.UNKNOWN_MESSAGE, [Buffer.from([0x08, 1, 0xc2, 0x3e, 1, 0])]],
    ['an oversize frame', Reason.FRAME_TOO_LARGE, [Buffer.alloc(MAX_FRAME_BYTES + 1000, 1)]],
    ['completed first', Reason.WRONG_STATE, [encodeMessage('completed', COMPLETED)]],
    ['an event twice', Reason.WRONG_STATE, [event, event]],
    ['completed before captured', Reason.WRONG_STATE, [event, encodeMessage('completed', COMPLETED)]],
    ["a server's word", Reason.WRONG_STATE, [encodeMessage('analysisGranted', { files: [] })]],
    [
      'a path as crash id',
      Reason.MALFORMED,
      [encodeMessage('crashEvent', testEvent({ crashId: '../../etc/x' }))],
    ],
    ['a time that is none', Reason.MALFORMED, [encodeMessage('crashEvent', testEvent({ atUs: Number.NaN }))]],
    [
      'an unknown crash',
      Reason.UNKNOWN_CRASH,
      [encodeMessage('resumeAnalysis', { crashId: testEvent().crashId })],
    ],
  ];
  for (const [what, reason, packets] of cases) {
    const answer = answerTo(server, ...packets);
    assert.equal(answer.reason, reason, `${what}: ${answer.detail}`);
  }
  fill(descriptors, 'bystander');
  bystander.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
  bystander.receive(['analysisGranted'], 5_000);
  bystander.send('completed', COMPLETED);
  bystander.receive(['published'], 5_000);
  close(descriptors);
  bystander.close();
});

test('server: another user is refused by who the kernel says he is', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const script = join(import.meta.dirname, 'speak-as-other-user.ts');
  // Both locks of the socket are opened on purpose: what is left is SO_PEERCRED.
  chmodSync(join(server.runDir, '..'), 0o755);
  const speak = () => spawnSync(process.execPath, [script, server.socket], { encoding: 'utf8' });
  assert.match(speak().stdout, /^EACCES/);
  chmodSync(server.runDir, 0o755);
  chmodSync(server.socket, 0o666);
  assert.match(speak().stdout, /refused 1: uid 65534 is not root/);
  await server.logged('client-refused');
  report(server, 'x');
  assert.deepEqual(
    server.log.filter((line) => line.includes('listen-failed')),
    [],
  );
});

test('server: where every place is taken, a capture is deferred at once and kept in .pending', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: ['--analyses', '1'] });
  const first = server.connect();
  const held = begin(first, testEvent());
  fill(held, 'first');
  first.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
  first.receive(['analysisGranted'], 5_000);
  const event = testEvent();
  const second = server.connect();
  const descriptors = begin(second, event);
  fill(descriptors, 'second');
  second.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
  second.receive(['analysisDeferred'], 5_000);
  const names = readdirSync(join(server.logDir, '.pending')).filter((name) => name.startsWith(event.crashId));
  assert.deepEqual(names.sort(), [
    `${event.crashId}.captured`,
    `${event.crashId}.core.zst`,
    `${event.crashId}.event`,
  ]);
  const told = historyLines(server).map(({ crashId, collected, reason }) => [crashId, collected, reason]);
  assert.deepEqual(told, [[event.crashId, 'pending', 'it waits for its analysis']]);
  close(descriptors);
  close(held);
});

test('server: a crash that is in hand already is not granted again', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const event = testEvent();
  const held = begin(server.connect(), event);
  const again = answerTo(server, encodeMessage('crashEvent', event));
  assert.equal(again.reason, Reason.MALFORMED);
  assert.match(again.detail, /in hand already/);
  close(held);
});

test('server: reports that waited in .pending are published at the start, oldest first', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  // Made as a client without a server does it: by the very code, in client/report-target.ts.
  const script = join(import.meta.dirname, 'keep-in-pending.ts');
  await first.stop();
  for (const text of ['a', 'b']) {
    const { status, stderr } = spawnSync(process.execPath, [script, directories.runDir, text], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }
  assert.equal(existsSync(join(directories.logDir, 'usercrash_00')), false);
  const second = await startTestServer(t, directories);
  await second.logged('usercrash_01');
  assert.equal(readFileSync(join(directories.logDir, 'usercrash_00'), 'utf8'), 'text a');
  assert.equal(readFileSync(join(directories.logDir, 'usercrash_01'), 'utf8'), 'text b');
  assert.deepEqual(
    historyLines(second).map((line) => line['slot']),
    [0, 1],
  );
  assert.deepEqual(
    readdirSync(join(directories.logDir, '.pending')).filter((name) => !name.startsWith('.')),
    [],
  );
});

test('server: SIGTERM lets a conversation finish, takes no new one, and ends with 0', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const connection = server.connect();
  const descriptors = begin(connection, testEvent());
  const ended = server.stop();
  await server.logged(' stopping ');
  while (existsSync(server.socket)) await new Promise((resolve) => setImmediate(resolve));
  assert.throws(() => server.connect(), { code: 'ENOENT' });
  fill(descriptors, 'late');
  connection.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
  connection.receive(['analysisGranted'], 5_000);
  connection.send('completed', COMPLETED);
  assert.equal(connection.receive(['published'], 5_000).value.slot, 0);
  close(descriptors);
  connection.close();
  assert.equal(await ended, 0);
});

test('server: a second one on the same socket says so and leaves the first alone', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  await assert.rejects(startTestServer(t, directories), /A server already answers on .*server\.sock/);
  assert.equal(report(first, 'still there').slice(-2), '00');
});

test('server: one on another socket does not publish into the same directory', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  const { runDir } = testDirectories(t);
  const second = startTestServer(t, { ...directories, runDir });
  await assert.rejects(second, /A server already publishes into .*log/);
  assert.equal(report(first, 'still there').slice(-2), '00');
});

test('server: one that was killed leaves a socket that the next one replaces', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  assert.equal(await first.stop('SIGKILL'), 'SIGKILL');
  assert.ok(existsSync(first.socket));
  const second = await startTestServer(t, directories);
  assert.equal(report(second, 'x').slice(-2), '00');
});

test('server: a torn history line is followed by a fresh one', async (t) => {
  const directories = testDirectories(t);
  spawnSync('sh', ['-c', `printf '{"torn":' > ${join(directories.logDir, 'history')}`]);
  const server = await startTestServer(t, directories);
  report(server, 'x');
  const [torn, whole] = readFileSync(join(directories.logDir, 'history'), 'utf8').trimEnd().split('\n');
  assert.equal(torn, '{"torn":');
  assert.equal(JSON.parse(whole ?? '').slot, 0);
});

test('server: tells systemd when it is ready, that it is alive, what it does, and that it stops', async (t) => {
  const directories = testDirectories(t);
  const path = join(directories.stateDir, '..', 'notify');
  const socket = new DgramSocket();
  t.after(() => socket.close());
  const words: string[] = [];
  const heard = (word: string) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (words.some((text) => text.split('\n').includes(word))) resolve();
        else socket.once('data', () => setImmediate(check));
      };
      check();
    });
  socket.on('data', (bytes) => words.push(bytes.toString()));
  socket.bind(path);
  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000' };
  const server = await startTestServer(t, directories, { env });
  await heard('READY=1');
  assert.match(words.join('\n'), /^STATUS=0 in progress, 0 waiting for analysis$/m);
  await heard('WATCHDOG=1');
  assert.equal(await server.stop(), 0);
  await heard('STOPPING=1');
});

test('server: leaks no descriptor over many conversations, whole and broken', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const count = () => readdirSync(`/proc/${server.process.pid}/fd`).length;
  const round = () => {
    report(server, 'x');
    const gone = server.connect();
    close(begin(gone, testEvent()));
    gone.close();
    answerTo(server, Buffer.from([0xff]));
  };
  for (let warmUp = 0; warmUp < 3; warmUp += 1) round();
  report(server, 'settle');
  const before = count();
  for (let rounds = 0; rounds < 30; rounds += 1) round();
  report(server, 'settle');
  assert.ok(count() <= before + 2, `${before} descriptors before, ${count()} after`);
});

test('server: the files of a crash of which only root may read are 0600, also while they wait', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: ['--group', 'daemon'] });
  const event = testEvent({ dumpable: 2 });
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, 'secret');
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  connection.receive(['analysisGranted'], 5_000);
  const pending = join(server.logDir, '.pending');
  const waiting = readdirSync(pending).map((name) => statSync(join(pending, name)));
  assert.equal(waiting.length, 3);
  connection.send('completed', COMPLETED);
  const { value } = connection.receive(['published'], 5_000);
  close(descriptors);
  connection.close();
  const published = ['', '.json', '.core.zst'].map((suffix) => statSync(value.textPath + suffix));
  for (const { mode, uid, gid } of [...waiting, ...published]) {
    assert.deepEqual([mode & 0o777, uid, gid], [0o600, 0, 0]);
  }
});
