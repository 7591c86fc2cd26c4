import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checked, libc } from '../../linux/libc.ts';
import { socket } from '../../linux/socket.ts';
import { unixAddress } from '../../linux/unix-address.ts';
import { notify, watchdogIntervalMs } from '../../systemd/notify.ts';

const bindCall = libc.func('int bind(int fd, const void *address, uint length)');

/** A datagram socket where the service manager would listen; `receive` gives the next datagram without waiting. */
function manager(t: TestContext, address: string): { receive(): string } {
  const fd = socket('dgram', { nonBlocking: true });
  t.after(() => closeSync(fd));
  const bytes = unixAddress(address);
  checked('bind', address, () => bindCall(fd, bytes, bytes.length));
  return {
    receive() {
      const buffer = Buffer.alloc(4096);
      return buffer.toString('utf8', 0, readSync(fd, buffer));
    },
  };
}

function temporaryPath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'notify');
}

test('notify() sends its state as one datagram, to a path and to an abstract name', (t) => {
  for (const address of [temporaryPath(t), `@usercrash-test-${process.pid}`]) {
    const { receive } = manager(t, address);
    const env = { NOTIFY_SOCKET: address };
    const state = { READY: '1', STATUS: 'collecting', MAINPID: 12, EXTEND_TIMEOUT_USEC: 5_000_000 } as const;
    assert.deepEqual(notify(state, env), { sent: true });
    assert.equal(receive(), 'READY=1\nSTATUS=collecting\nMAINPID=12\nEXTEND_TIMEOUT_USEC=5000000');
    assert.deepEqual(notify({ WATCHDOG: '1' }, env), { sent: true });
    assert.equal(receive(), 'WATCHDOG=1');
  }
});

test('notify() keeps a status from becoming a second assignment', (t) => {
  const address = temporaryPath(t);
  const { receive } = manager(t, address);
  notify({ STATUS: 'crash of a\nSTOPPING=1\r\n\0b' }, { NOTIFY_SOCKET: address });
  assert.equal(receive(), 'STATUS=crash of a STOPPING=1 b');
});

test('notify() does nothing without NOTIFY_SOCKET, and never throws where nobody takes it', (t) => {
  assert.deepEqual(notify({ READY: '1' }, {}), { sent: false, reason: 'NOTIFY_SOCKET is not set' });
  const address = temporaryPath(t);
  for (const [socketAddress, reason] of [
    [address, /ENOENT/],
    ['vsock:2:1234', /not a path/],
    ['@', /not a path/],
    [`/${'x'.repeat(200)}`, /201 bytes/],
  ] as const) {
    const result = notify({ READY: '1' }, { NOTIFY_SOCKET: socketAddress });
    assert.match(result.sent ? '' : result.reason, reason);
  }
});

test('notify() does not wait for a manager that does not read', (t) => {
  const address = temporaryPath(t);
  manager(t, address);
  let result = notify({ WATCHDOG: '1' }, { NOTIFY_SOCKET: address });
  for (let sent = 0; sent < 10_000 && result.sent; sent++) {
    result = notify({ WATCHDOG: '1', STATUS: 'x'.repeat(1000) }, { NOTIFY_SOCKET: address });
  }
  assert.match(result.sent ? '' : result.reason, /EAGAIN/);
});

test('watchdogIntervalMs() is half of WATCHDOG_USEC, for the process that is watched', () => {
  assert.equal(watchdogIntervalMs({}, 5), null);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '30000000' }, 5), 15_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '5' }, 5), 15_000);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '6' }, 5), null);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '1' }, 5), 1);
  assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: '999999999999999' }, 5), 2 ** 31 - 1);
});

test('watchdogIntervalMs() refuses what systemd would not write', () => {
  for (const value of ['', '0', '-1', '1.5', '1e3', '18446744073709551615', ' 1', 'infinity'])
    assert.throws(() => watchdogIntervalMs({ WATCHDOG_USEC: value }, 5), { code: 'E_WATCHDOG' }, value);
  assert.throws(() => watchdogIntervalMs({ WATCHDOG_USEC: '1', WATCHDOG_PID: 'x' }, 5), {
    code: 'E_WATCHDOG',
  });
});
