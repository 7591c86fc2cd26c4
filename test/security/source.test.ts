import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SourceFiles } from '../../analysis/gdb/source-files.ts';
import { analyseWithGdb } from '../../analysis/run-gdb.ts';
import { crashProgram } from '../analysis/crash-program.ts';

const USER = { uid: 61_234, gid: 61_234 };
const ROOT = { uid: 0, gid: 0 };
const TEXT = 'one\ntwo\nthree\n';

/** What is read of a file by the rights of a user. */
async function readAs(
  t: TestContext,
  file: string,
  user: { uid: number; gid: number },
): Promise<string | null> {
  const files = new SourceFiles(user);
  t.after(() => files.close());
  return (await files.read(Buffer.from(file)))?.toString() ?? null;
}

/** A file with three lines, in a directory of its user's alone. */
function fileOf(t: TestContext, owner: { uid: number; gid: number }, mode: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'file');
  writeFileSync(file, TEXT);
  chmodSync(file, mode);
  chownSync(file, owner.uid, owner.gid);
  chownSync(directory, owner.uid, owner.gid);
  return file;
}

test("a report shows source that the dead process's user may read, also in a directory that nobody else may enter", async (t) => {
  assert.equal(await readAs(t, fileOf(t, USER, 0o600), USER), TEXT);
  assert.equal(await readAs(t, fileOf(t, ROOT, 0o644), ROOT), TEXT);
});

test("a report shows no file that the dead process's user may not read", async (t) => {
  assert.equal(await readAs(t, '/etc/shadow', USER), null);
  assert.equal(await readAs(t, fileOf(t, ROOT, 0o600), USER), null);
  assert.equal(await readAs(t, fileOf(t, { uid: 61_235, gid: 61_235 }, 0o644), USER), null);
});

test("a report of root's process shows nothing that is root's alone, and opens no device and no pipe", async (t) => {
  assert.equal(await readAs(t, '/etc/shadow', ROOT), null);
  assert.equal(await readAs(t, fileOf(t, ROOT, 0o600), ROOT), null);
  assert.equal(await readAs(t, fileOf(t, { uid: 61_235, gid: 61_235 }, 0o644), ROOT), null);
  assert.equal(await readAs(t, '/dev/zero', ROOT), null);
  assert.equal(await readAs(t, '/proc/1/environ', ROOT), null);
  const pipe = `${fileOf(t, ROOT, 0o644)}.pipe`;
  execFileSync('mkfifo', [pipe]);
  assert.equal(await readAs(t, pipe, ROOT), null);
});

test('a program whose debug information names /etc/shadow as its source gets all of its report but that', async (t) => {
  const source = `#line 1 "/etc/shadow"\nint main(void) { return *(volatile int *)8; }\n`;
  const crashed = await crashProgram(t, source);
  const sections = await analyseWithGdb(crashed.inputs);
  assert.equal(sections.threads[0]?.frames?.[0]?.file, '/etc/shadow');
  assert.deepEqual(sections.notes, []);
  assert.equal(sections.source, null);
  assert.match(sections.missing['source'] ?? '', /cannot be read/);
});
