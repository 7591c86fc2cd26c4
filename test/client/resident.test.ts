import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finishing } from '../../client/finisher.ts';
import { RESIDENT_SOCKET, startResident } from '../../client/resident.ts';
import { connect } from '../../linux/connect.ts';
import { socket } from '../../linux/socket.ts';

const NOBODY: Finishing = {
  hasRoom: true,
  whenRoom: (then) => then(),
  add: () => undefined,
  repeatOf: () => null,
};

test('startResident() leaves the socket of one that was started after it', (t) => {
  const runDir = mkdtempSync(join(tmpdir(), 'uc-'));
  t.after(() => rmSync(runDir, { recursive: true, force: true }));
  const endFirst = startResident(runDir, NOBODY);
  const endSecond = startResident(runDir, NOBODY);
  endFirst();
  const fd = socket('seqpacket', { nonBlocking: true });
  t.after(() => closeSync(fd));
  connect(fd, join(runDir, RESIDENT_SOCKET));
  endSecond();
  assert.ok(!existsSync(join(runDir, RESIDENT_SOCKET)));
});
