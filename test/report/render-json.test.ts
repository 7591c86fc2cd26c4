import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { recordSchema } from '../../report/record.ts';
import { renderJson } from '../../report/render-json.ts';
import { sampleRecord } from './sample-record.ts';

test('renderJson() keeps the keys in the order of the schema, whatever order they came in', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, reversed(inner)]);
    return Object.fromEntries(entries.toReversed());
  };
  const record = recordSchema.parse(sampleRecord());
  const shuffled = Object.assign(sampleRecord(), {
    machine: reversed(record.machine),
    threads: reversed(record.threads),
  });
  assert.equal(renderJson(shuffled), renderJson(record));
  const keys = [...renderJson(record).matchAll(/^"(\w+)":/gm)].map((match) => match[1]);
  assert.deepEqual(keys, Object.keys(recordSchema.shape));
});

test('renderJson() has a line for a field and for an element, and one newline at the end', () => {
  const json = renderJson(sampleRecord());
  assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(sampleRecord())));
  assert.match(json, /^ \{"fd"|^"openFiles":\{/m);
  assert.match(json, /^ \{"start":"00007f3a1b7ff000",.*\}$/m);
  assert.ok(json.endsWith('}\n') && !json.endsWith('\n\n'));
  assert.ok(json.length < JSON.stringify(sampleRecord()).length * 1.05);
});

test('docs/record.schema.json is what report/record.ts says', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-record-schema.ts');
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});
