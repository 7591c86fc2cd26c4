import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTestServer, testDirectories } from './test-server.ts';

test('server: a configuration that is wrong is said and does not keep it from starting; what was right before holds', async (t) => {
  const directories = testDirectories(t);
  mkdirSync(directories.stateDir, { recursive: true });
  const file = join(directories.stateDir, 'usercrash.toml');
  const settings = () => JSON.parse(readFileSync(join(directories.runDir, 'settings.json'), 'utf8'));
  const status = () => JSON.parse(readFileSync(join(directories.runDir, 'status.json'), 'utf8'));
  writeFileSync(file, 'core-budget = 100000\nowner-access = true\n');
  const first = await startTestServer(t, directories);
  assert.deepEqual([settings().coreBudgetBytes, settings().ownerAccess], [100000, true]);
  assert.deepEqual(status().configurationProblems, []);
  await first.stop();
  writeFileSync(file, 'core-budget = lots\n');
  const second = await startTestServer(t, directories, { args: ['--no-owner-access'] });
  assert.deepEqual([settings().coreBudgetBytes, settings().ownerAccess], [100000, false]);
  assert.match(status().configurationProblems.join('\n'), /usercrash\.toml:1: /);
  await second.stop();
});
