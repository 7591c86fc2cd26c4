import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseMode } from '../../server/collection-mode.ts';

const NEW = 'file\npipe\nsocket\n';

test('chooseMode() takes the socket where the kernel has one and no handler wants a pipe', () => {
  const rows: [wanted: 'auto' | 'socket' | 'pipe', before: string, modes: string, mode: string][] = [
    ['auto', 'core', NEW, 'socket'],
    ['auto', '|/lib/systemd/systemd-coredump %P', NEW, 'pipe'],
    ['auto', 'core', 'file\npipe\n', 'pipe'],
    ['auto', 'core', '', 'pipe'],
    ['socket', '|/lib/systemd/systemd-coredump %P', NEW, 'socket'],
    ['socket', 'core', '', 'pipe'],
    ['pipe', 'core', NEW, 'pipe'],
  ];
  for (const [wanted, before, modes, mode] of rows) {
    const chosen = chooseMode(wanted, before, modes);
    assert.equal(chosen.mode, mode, `${wanted} ${before}`);
    assert.ok(chosen.why.length > 5);
  }
  assert.match(chooseMode('socket', 'core', '').why, /though asked for/);
});
