import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SERVER_SETTINGS } from '../config/server-settings.ts';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');

/** How the page writes defaults that are not what somebody would write. */
const WORDS: Readonly<Record<string, string>> = { 'one a core': '0', '8 MiB': String(8 * 1024 * 1024) };
/** Settings that bound nothing. */
const NO_LIMITS = new Set([
  ...['mode', 'default-handler', 'take-back-core-pattern', 'owner-access', 'exclude', 'log-level'],
  ...['gdb', 'group'],
]);

test('docs/operations.md has every limit with its default', () => {
  let limits = 0;
  for (const setting of Object.values(SERVER_SETTINGS)) {
    if (!('fallback' in setting) || NO_LIMITS.has(setting.name)) continue;
    limits += 1;
    const { name, fallback } = setting;
    const row = new RegExp(`^\\| [^|]* \\| ([^|]*) \\| \`--${name}\` \\|`, 'm').exec(text);
    assert.ok(row !== null, `--${name} is in no row`);
    const [, told = ''] = row;
    assert.equal(WORDS[told] ?? told.replace(/ (?:s|days)$/, ''), fallback, `--${name}`);
  }
  assert.ok(limits > 5);
});

test('docs/operations.md names for every fault a test that is there', () => {
  const [, section = ''] = text.split('\n## Faults\n');
  const rows =
    section
      .split('\n## ')[0]
      ?.match(/^\| .* \|$/gm)
      ?.slice(2) ?? [];
  assert.ok(rows.length > 15);
  let above: string[] = [];
  for (const row of rows) {
    const last = row.split('|').at(-2) ?? '';
    const named = [...last.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    if (last.includes('the same')) assert.ok(above.length > 0, row);
    else assert.ok(named.length > 0, `no test for: ${row}`);
    above = named.length > 0 ? named : above;
    for (const name of named) assert.ok(existsSync(join(root, 'test', `${name}.test.ts`)), `${name}: ${row}`);
  }
});
