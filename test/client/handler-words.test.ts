import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { handlerWords } from '../../client/default-handler/handler-words.ts';
import { DEFAULT_RUN_SETTINGS, writeRunSettings } from '../../config/run-settings.ts';

function limits(core: string): Buffer {
  const line = `${'Max core file size'.padEnd(25)} ${core.padEnd(20)} ${'unlimited'.padEnd(20)} bytes     \n`;
  return Buffer.from(`Limit                     Soft Limit           Hard Limit           Units\n${line}`);
}

test('handlerWords() starts nothing for a crash of which nothing would be written', (t) => {
  const runDir = mkdtempSync(join(tmpdir(), 'usercrash-words-'));
  t.after(() => rmSync(runDir, { recursive: true }));
  const kernel = {
    runDir,
    pid: process.pid,
    tid: process.pid,
    namespacePid: 1,
    namespaceTid: 1,
    uid: 0,
    gid: 0,
    dumpable: 1,
    signal: 11,
    time: 5,
    pidfd: 77,
    defaultHandler: null,
  };
  const rows: [pattern: string | null, core: string, isStarted: boolean][] = [
    [null, 'unlimited', false],
    ['core', '0', false],
    ['core', '4095', false],
    ['core', '4096', true],
    ['core', 'unlimited', true],
    ['|/h', '0', true],
    ['|/h', '1', false],
    ['|/h', '2', true],
  ];
  for (const [defaultPattern, core, isStarted] of rows) {
    writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, defaultPattern });
    assert.equal(handlerWords(kernel, limits(core)) !== null, isStarted, `${defaultPattern} ${core}`);
  }
  assert.deepEqual(handlerWords(kernel, limits('9'))?.slice(-2), ['9', '3']);
  // Of a repeated crash they have not been read: this process has some, and they allow more than a byte.
  assert.ok(handlerWords(kernel, null));
});
