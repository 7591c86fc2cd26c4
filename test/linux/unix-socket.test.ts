import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SeqpacketServer } from 'node-unix-socket';
import { accept4 } from '../../linux/accept4.ts';
import { connect } from '../../linux/connect.ts';
import { isCloseOnExec } from '../../linux/fcntl.ts';
import { peerCredentials } from '../../linux/getsockopt.ts';
import { libc } from '../../linux/libc.ts';
import { recvmsg } from '../../linux/recvmsg.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../linux/setsockopt.ts';
import { socket } from '../../linux/socket.ts';
import { SystemCallError } from '../../linux/system-call-error.ts';
import { unixAddress } from '../../linux/unix-address.ts';

const bind = libc.func('int bind(int fd, const void *address, uint length)');
const listen = libc.func('int listen(int fd, int backlog)');

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-socket-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Two connected ends, made by the calls under test. */
function connectedPair(t: TestContext): { client: number; server: number } {
  const path = join(temporaryDirectory(t), 's');
  const listener = socket('seqpacket', { nonBlocking: false });
  const address = unixAddress(path);
  assert.equal(bind(listener, address, address.length), 0);
  assert.equal(listen(listener, 8), 0);
  const client = socket('seqpacket', { nonBlocking: false });
  connect(client, path);
  const server = accept4(listener, { nonBlocking: false });
  closeSync(listener);
  t.after(() => {
    for (const fd of [client, server]) {
      try {
        closeSync(fd);
      } catch {
        // The test closed it.
      }
    }
  });
  return { client, server };
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

test('sendmsg() and recvmsg() carry a message and its descriptors, which name the same files', (t) => {
  const { client, server } = connectedPair(t);
  const file = openSync(join(temporaryDirectory(t), 'f'), 'w+');
  sendmsg(server, Buffer.from('hello'), [file, file]);
  const message = recvmsg(client, 100);
  assert.equal(message?.body.toString(), 'hello');
  assert.equal(message.isTruncated, false);
  assert.equal(message.descriptors.length, 2);
  const [received = -1] = message.descriptors;
  assert.notEqual(received, file);
  assert.equal(isCloseOnExec(received), true);
  writeSync(received, 'written there');
  const read = Buffer.alloc(20);
  assert.equal(readSync(file, read, 0, 20, 0), 13);
  assert.equal(fstatSync(received).ino, fstatSync(file).ino);
  for (const fd of [file, ...message.descriptors]) closeSync(fd);
});

test("sendmsg() carries 253 descriptors, the kernel's limit, and EINVAL beyond", (t) => {
  const { client, server } = connectedPair(t);
  const file = openSync('/dev/null', 'r');
  sendmsg(server, Buffer.from('x'), new Array(253).fill(file));
  const message = recvmsg(client, 10);
  assert.equal(message?.descriptors.length, 253);
  for (const fd of message.descriptors) closeSync(fd);
  assert.throws(() => sendmsg(server, Buffer.from('x'), new Array(254).fill(file)), { code: 'EINVAL' });
  closeSync(file);
});

test('recvmsg() says that a packet was longer than its room', (t) => {
  const { client, server } = connectedPair(t);
  sendmsg(client, Buffer.alloc(1000, 'a'));
  const message = recvmsg(server, 10);
  assert.equal(message?.body.length, 10);
  assert.equal(message.isTruncated, true);
});

test('recvmsg() is null when the peer has closed, and EAGAIN when its time is over', (t) => {
  const { client, server } = connectedPair(t);
  setSocketTimeout(server, 30);
  const before = performance.now();
  assert.throws(() => recvmsg(server, 10), { code: 'EAGAIN', syscall: 'recvmsg' });
  assert.ok(performance.now() - before >= 25);
  closeSync(client);
  assert.equal(recvmsg(server, 10), null);
});

test('sendmsg() to a peer that is gone is EPIPE, not a signal', (t) => {
  const { client, server } = connectedPair(t);
  closeSync(client);
  assert.throws(() => sendmsg(server, Buffer.from('x')), { code: 'EPIPE' });
});

test('a message that nobody reads leaks no descriptor', (t) => {
  const { client, server } = connectedPair(t);
  const before = openDescriptors();
  const file = openSync('/dev/null', 'r');
  sendmsg(server, Buffer.from('x'), [file]);
  closeSync(file);
  closeSync(client);
  closeSync(server);
  assert.equal(openDescriptors(), before - 2);
});

test('peerCredentials() tells who connected', (t) => {
  const { server } = connectedPair(t);
  assert.deepEqual(peerCredentials(server), {
    pid: process.pid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
  });
});

test('connect() fails with errno, its name, the call and the path', () => {
  const fd = socket('seqpacket', { nonBlocking: false });
  try {
    connect(fd, '/nonexistent/s');
    assert.fail('connected to nothing');
  } catch (error) {
    assert.ok(error instanceof SystemCallError);
    const { errno, code, syscall, subject, message } = error;
    assert.deepEqual(
      { errno, code, syscall, subject, message },
      {
        errno: 2,
        code: 'ENOENT',
        syscall: 'connect',
        subject: '/nonexistent/s',
        message: 'connect /nonexistent/s: ENOENT',
      },
    );
  }
  closeSync(fd);
});

test("connect() speaks with node-unix-socket's server", async (t) => {
  const path = join(temporaryDirectory(t), 's');
  const server = new SeqpacketServer();
  t.after(() => server.close());
  const received = new Promise<string>((resolve) => {
    server.on('connection', (peer) => peer.on('data', (bytes: Buffer) => resolve(bytes.toString())));
  });
  server.listen(path);
  const fd = socket('seqpacket', { nonBlocking: false });
  connect(fd, path);
  sendmsg(fd, Buffer.from('from koffi'));
  assert.equal(await received, 'from koffi');
  closeSync(fd);
});

test('unixAddress() refuses a path that the kernel would cut', () => {
  assert.throws(() => unixAddress(`/${'a'.repeat(107)}`), { code: 'E_SOCKET_PATH' });
  assert.equal(unixAddress(`/${'a'.repeat(106)}`).length, 110);
  assert.deepEqual([...unixAddress('@ab')], [1, 0, 0, 0x61, 0x62]);
  assert.throws(() => unixAddress('/a\0b'), { code: 'E_SOCKET_PATH' });
});

test('recvmsg() gives each message memory of its own', (t) => {
  const { client, server } = connectedPair(t);
  for (const word of ['first', 'second']) sendmsg(client, Buffer.from(word));
  const [first, second] = [recvmsg(server, 100), recvmsg(server, 10)];
  assert.equal(first?.body.toString(), 'first');
  assert.equal(second?.body.toString(), 'second');
});
