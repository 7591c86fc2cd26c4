import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startToItsEnd } from '../../client/start-to-its-end.ts';
import { asRoot } from '../../linux/as-root.ts';
import { lowerRights, regainRights } from '../../linux/lower-rights.ts';

test('a program that closes the pipe of its life and goes on does not hold us', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-life-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const script = `exec 3>&-; sleep 3; echo >${directory}/went-on`;
  await startToItsEnd(
    ['/bin/sh', '-c', script].map((word) => Buffer.from(word)),
    [],
  );
  assert.equal(existsSync(`${directory}/went-on`), false);
});

test('the end of a program of another user than ours is told, where we have put down our rights', async (t) => {
  lowerRights({ uid: 65_529, gid: 65_529 }, 'all');
  t.after(regainRights);
  const words = ['/usr/bin/setpriv', '--reuid=65528', '/bin/true'].map((word) => Buffer.from(word));
  await asRoot(() => startToItsEnd(words, []));
});
