import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type EffectiveSettings, effectiveSettings } from '../../config/effective-settings.ts';
import { ALL_SETTINGS } from '../../config/server-settings.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../install/usercrash.toml'), 'utf8');

function settingsOf(t: TestContext, text: string): EffectiveSettings {
  const directory = mkdtempSync('/tmp/uc-config-');
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'usercrash.toml');
  writeFileSync(file, text);
  return effectiveSettings({ file, lastGood: new Map(), env: {}, flags: new Map() });
}

test('the installed usercrash.toml sets nothing as it is', (t) => {
  const { problems, fromFiles } = settingsOf(t, TEXT);
  assert.deepEqual(problems, []);
  assert.equal(fromFiles.size, 0);
});

test('the installed usercrash.toml has every setting with its default, and is right without its comment signs', (t) => {
  const { problems, fromFiles, settings } = settingsOf(t, TEXT.replaceAll(/^#(?! )/gm, ''));
  assert.deepEqual(problems, []);
  assert.deepEqual([...fromFiles.keys()].sort(), ALL_SETTINGS.map(([, { name }]) => name).sort());
  assert.deepEqual(settings, settingsOf(t, '').settings);
});
