import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..');
const modules = join(folder, '../../node_modules');

/** What a user writes, type errors included where they are due. */
const CONSUMER = `
import { Journal, JournalError, type Boot, type JournalEntry } from 'systemd-journal-reader';
const journal: Journal = Journal.open({ directory: process.cwd() });
const boots: Boot[] = journal.boots();
const first: JournalEntry | undefined = [...journal.entries({ limit: 1, fields: ['MESSAGE'] })][0];
const message: string | undefined = first?.message;
// @ts-expect-error There is no such option.
try { Journal.open({ nonsense: 1, files: [] }); } catch (error) {
  if (error instanceof JournalError) console.log(error.code, boots.length, message);
}
journal.close();
`;

test('the built package runs as JavaScript and is typed for its users', async (t) => {
  const project = mkdtempSync(join(tmpdir(), 'journal-package-'));
  t.after(() => rmSync(project, { recursive: true }));
  mkdirSync(join(project, 'node_modules'));
  const installed = join(project, 'node_modules/systemd-journal-reader');
  await run(process.execPath, [join(folder, 'scripts/build.ts'), installed]);
  for (const name of ['koffi', '@types'])
    symlinkSync(join(modules, name), join(project, 'node_modules', name));
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
  writeFileSync(join(project, 'main.ts'), CONSUMER);
  const compiler = join(modules, 'typescript/bin/tsc');
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  const checks = ['--lib', 'es2022,esnext.disposable', '--skipLibCheck', 'false'];
  await run(process.execPath, [compiler, ...options, ...checks, 'main.ts'], { cwd: project });
  const { stdout } = await run(process.execPath, ['main.js'], { cwd: project });
  assert.equal(stdout, 'E_JOURNAL_OPTIONS 0 undefined\n');
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.equal(manifest.private, undefined);
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md'])
    assert.ok(readFileSync(join(installed, file)).length > 0);
});
