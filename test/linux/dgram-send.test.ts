import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readdirSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendDatagram } from '../../linux/dgram-send.ts';
import { checked, libc } from '../../linux/libc.ts';
import { socket } from '../../linux/socket.ts';
import { unixAddress } from '../../linux/unix-address.ts';

const bindCall = libc.func('int bind(int fd, const void *address, uint length)');

test('sendDatagram() delivers the bytes as one datagram each and leaves no descriptor open', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'dgram-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const fd = socket('dgram', { nonBlocking: true });
  t.after(() => closeSync(fd));
  const address = unixAddress(path);
  checked('bind', path, () => bindCall(fd, address, address.length));
  const open = readdirSync('/proc/self/fd').length;
  const bodies = [Buffer.from([0, 1, 255]), Buffer.alloc(0), Buffer.alloc(60_000, 7)];
  for (const body of bodies) sendDatagram(path, body);
  for (const body of bodies) {
    const buffer = Buffer.alloc(100_000);
    assert.deepEqual(buffer.subarray(0, readSync(fd, buffer)), body);
  }
  assert.throws(() => sendDatagram(path, Buffer.alloc(16 * 1024 * 1024)), {
    code: 'EMSGSIZE',
    syscall: 'sendto',
  });
  assert.throws(() => sendDatagram(join(directory, 'nobody'), bodies[0] ?? Buffer.alloc(1)), {
    code: 'ENOENT',
  });
  assert.throws(() => sendDatagram('', Buffer.alloc(1)), { code: 'E_SOCKET_PATH' });
  assert.equal(readdirSync('/proc/self/fd').length, open);
});
