import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTestServer, testDirectories } from './test-server.ts';

test('server: a symbolic link for the log directory is refused with what to do about it', async (t) => {
  const directories = testDirectories(t);
  const real = `${directories.logDir}-real`;
  renameSync(directories.logDir, real);
  symlinkSync(real, directories.logDir);
  await assert.rejects(
    startTestServer(t, directories),
    new RegExp(`log is a symbolic link to .*log-real.*fix=.*USERCRASH_LOG_DIR=${real}`),
  );
});

test('server: a file in the place of the log directory, and one that others may write to, are refused', async (t) => {
  const directories = testDirectories(t);
  chmodSync(directories.logDir, 0o775);
  await assert.rejects(startTestServer(t, directories), /mode 775.*fix=.*chmod go-w/);
  rmdirSync(directories.logDir);
  writeFileSync(directories.logDir, '');
  await assert.rejects(startTestServer(t, directories), /log is not a directory.*fix=.*USERCRASH_LOG_DIR/);
});

test('server: a log directory that another user could replace is refused', async (t) => {
  const directories = testDirectories(t);
  const home = join(directories.logDir, '..', 'home');
  mkdirSync(home);
  chownSync(home, 1000, 1000);
  const logDir = join(home, 'log');
  await assert.rejects(
    startTestServer(t, { ...directories, logDir }),
    /home\/log can be replaced by others: .*\/home is not root's alone \(uid 1000, mode 755\).*fix=.*USERCRASH_LOG_DIR/,
  );
});

test('server: a log directory on a file system that is read-only is waited for', async (t) => {
  const directories = testDirectories(t);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,mode=755', 'tmpfs', directories.logDir]);
  try {
    const server = await startTestServer(t, directories);
    assert.match(await server.logged('log-directory-unusable'), /EROFS: read-only file system, .*\/log'/);
    assert.equal(await server.stop(), 0);
  } finally {
    execFileSync('umount', [directories.logDir]);
  }
});

test('server: pipes and links that another user has left in the log directory hold nobody', async (t) => {
  const directories = testDirectories(t);
  const { logDir } = directories;
  execFileSync(
    'mkfifo',
    ['history', 'history.1', 'usercrash_01.json'].map((name) => join(logDir, name)),
  );
  symlinkSync('/dev/zero', join(logDir, 'history.2'));
  writeFileSync(join(logDir, 'usercrash_01'), '');
  const server = await startTestServer(t, directories);
  assert.equal(await server.stop(), 0);
});

test('server: without root it says that it needs root', (t) => {
  const { logDir, runDir, stateDir } = testDirectories(t);
  chmodSync(join(logDir, '..'), 0o755);
  mkdirSync(stateDir, { recursive: true });
  const env = {
    ...{ PATH: process.env['PATH'], USERCRASH_LOG_DIR: join(logDir, 'new') },
    ...{ USERCRASH_RUN_DIR: runDir, USERCRASH_STATE_DIR: stateDir },
  };
  const script = join(import.meta.dirname, 'serve-as-other-user.ts');
  const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /failed error="usercrash-server needs root.*uid 65534.*fix=/);
});
