import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { recordSchema } from '../../report/record-schema.ts';
import { renderJson } from '../../report/render-json.ts';
import { sampleRecord } from './sample-record.ts';

test('renderJson() has the fields of the record, each under its name at the beginning of a line', () => {
  const keys = [...renderJson(sampleRecord()).matchAll(/^"(\w+)":/gm)].map((match) => match[1]);
  assert.deepEqual(keys.sort(), Object.keys(recordSchema.shape).sort());
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
