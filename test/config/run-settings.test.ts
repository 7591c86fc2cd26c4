import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_RUN_SETTINGS, readRunSettings, writeRunSettings } from '../../config/run-settings.ts';

test('readRunSettings() gives what the last server has written, and the defaults where there is nothing', (t) => {
  const runDir = mkdtempSync(join(tmpdir(), 'uc-settings-'));
  t.after(() => rmSync(runDir, { recursive: true, force: true }));
  assert.deepEqual(readRunSettings(runDir), DEFAULT_RUN_SETTINGS);
  for (const gdb of ['/opt/a', '/opt/longer', '/opt/c']) {
    writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, gdb });
    assert.equal(readRunSettings(runDir).gdb, gdb);
    assert.equal(readRunSettings(runDir), readRunSettings(runDir));
  }
  writeFileSync(join(runDir, 'settings.json'), '{');
  assert.deepEqual(readRunSettings(runDir), DEFAULT_RUN_SETTINGS);
  assert.deepEqual(readRunSettings(join(runDir, 'settings.json')), DEFAULT_RUN_SETTINGS);
});
