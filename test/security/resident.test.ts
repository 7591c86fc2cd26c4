import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { DEFAULT_RUN_SETTINGS, writeRunSettings } from '../../config/run-settings.ts';
import { testDirectories } from '../server/test-server.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');
const CALLER = join(import.meta.dirname, 'call-resident.ts');
const NOBODY = 65_534;

test('a resident client listens to root alone, also where others come to its socket', async (t) => {
  const { logDir, runDir } = testDirectories(t);
  mkdirSync(runDir, { mode: 0o700 });
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, logDir });
  const resident = spawn(CLIENT, [runDir, '--resident'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => resident.once('exit', resolve));
  t.after(async () => {
    resident.kill();
    await ended;
  });
  // Its first word.
  await new Promise((resolve) => resident.stdout.once('data', resolve));
  resident.stdout.resume();
  const path = join(runDir, RESIDENT_SOCKET);
  const call = (uid: number, words: string) => {
    const args = [CALLER, path, words, `${uid}`];
    return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim();
  };
  // No process has such a number: nothing comes of it but an answer.
  const words = `${runDir} 99999999 99999999 99999999 99999999 0 0 1 11 0 0  `;
  assert.deepEqual([statSync(runDir).mode & 0o777, statSync(path).mode & 0o777], [0o700, 0o600]);
  assert.equal(call(NOBODY, words), 'EACCES');
  chmodSync(dirname(runDir), 0o755);
  chmodSync(runDir, 0o755);
  chmodSync(path, 0o666);
  assert.equal(call(NOBODY, words), 'refused');
  assert.equal(call(0, 'nonsense '), 'refused');
  assert.equal(call(0, words), 'accepted');
});
