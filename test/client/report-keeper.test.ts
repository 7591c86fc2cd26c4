import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ReportKeeper } from '../../client/report-keeper.ts';
import { openUnnamedSync } from '../../linux/unnamed-file.ts';

/** A keeper of one file without a name. */
function keeperIn(t: TestContext, name: string) {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  const fd = openUnnamedSync(directory, { mode: 0o640, group: null });
  writeSync(fd, 'text');
  t.after(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  return { directory, keeper: new ReportKeeper([{ fd, path: join(directory, name) }]) };
}

test('ReportKeeper names its files when it is told to', async (t) => {
  const { directory, keeper } = keeperIn(t, 'named');
  await keeper.name();
  assert.equal(readFileSync(join(directory, 'named'), 'utf8'), 'text');
});

test('ReportKeeper that is let go names nothing, and ends', async (t) => {
  const { directory, keeper } = keeperIn(t, 'named');
  keeper.close();
  await keeper.ended;
  assert.deepEqual(readdirSync(directory), []);
});

test('ReportKeeper says where it could not name a file', async (t) => {
  const { keeper } = keeperIn(t, 'nowhere/named');
  await assert.rejects(keeper.name(), { code: 'E_NOT_KEPT' });
});

test('ReportKeeper, which is root, has a list that its client can write no more', (t) => {
  const { keeper } = keeperIn(t, 'named');
  t.after(() => keeper.close());
  const lists = readdirSync('/proc/self/fd').filter((fd) => targetOf(fd).startsWith('/memfd:usercrash-cage'));
  assert.ok(lists.length > 0);
  for (const fd of lists) {
    assert.match(
      readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'),
      /^flags:\s+0?[0-7]*0$/m,
      'it is open for writing',
    );
    // Nor may another user open it anew.
    assert.equal(fstatSync(Number(fd)).mode & 0o777, 0o600);
  }
});

/** Empty where it has been closed meanwhile. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
