import assert from 'node:assert/strict';
import test from 'node:test';
import { idInside } from '../../../capture/proc/parse-id-map.ts';
import { damage } from './damage.ts';

/** As `podman unshare cat /proc/self/uid_map` shows it outside. */
const ROOTLESS = Buffer.from('         0       1000          1\n         1     100000      65536\n');

test('idInside() tells what an id is in the user namespace', () => {
  assert.deepEqual(
    [1000, 100_000, 165_535].map((id) => idInside(ROOTLESS, id)),
    [0, 1, 65_536],
  );
});

test('idInside() tells the overflow id of what has none inside, as the process saw it', () => {
  for (const id of [0, 999, 1001, 99_999, 165_536]) assert.equal(idInside(ROOTLESS, id), 65_534);
  assert.equal(idInside(Buffer.alloc(0), 1000), 65_534);
});

test('idInside() never throws, whatever the damage', () => {
  damage(ROOTLESS, (damaged) => assert.ok(idInside(damaged, 1000) >= 0));
});
