import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { prettyName, readBootId, readMachine } from '../../analysis/machine.ts';
import { userName } from '../../analysis/user-name.ts';

test('readMachine() agrees with uname, os-release and the uptime', () => {
  const { machine, bootedUs } = readMachine();
  const [kernel, architecture, host] = ['-r', '-m', '-n'].map((flag) =>
    execFileSync('uname', [flag], { encoding: 'utf8' }).trim(),
  );
  assert.deepEqual([machine.kernel, machine.architecture, machine.host], [kernel, architecture, host]);
  const shell = execFileSync('sh', ['-c', '. /etc/os-release; echo "$PRETTY_NAME"'], { encoding: 'utf8' });
  assert.equal(machine.os, shell.trim());
  assert.match(readBootId() ?? '', /^[0-9a-f]{32}$/);
  assert.equal(machine.bootId, readBootId());
  assert.ok(Math.abs((bootedUs ?? 0) / 1000 - (Date.now() - uptime() * 1000)) < 500);
});

test('prettyName() reads the quoting of os-release', () => {
  assert.equal(prettyName('NAME=x\nPRETTY_NAME="A \\"B\\" \\$C"\n'), 'A "B" $C');
  assert.equal(prettyName("PRETTY_NAME='Arch Linux'"), 'Arch Linux');
  assert.equal(prettyName('PRETTY_NAME=Plain'), 'Plain');
  assert.equal(prettyName('NAME=x'), null);
});

test('userName() finds users in passwd, and null for others', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'user-name-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'passwd');
  writeFileSync(
    path,
    'root:x:0:0:root:/root:/bin/sh\n:x:7::::\ngarbage\n+nis::::::\ndeploy:x:1000:1000:,,,:/home/deploy:/bin/bash',
  );
  assert.deepEqual(
    [0, 1000, 7, 100].map((uid) => userName(uid, path)),
    ['root', 'deploy', null, null],
  );
  assert.equal(userName(0), 'root');
  assert.equal(userName(0, join(directory, 'none')), null);
});
