import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReportTarget } from '../../client/report-target.ts';
import { DEFAULT_RUN_SETTINGS, writeRunSettings } from '../../config/run-settings.ts';
import { ServerRefusedError } from '../../protocol/server-connection.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { smallFileSystem } from '../server/small-file-system.ts';
import { startTestServer, testDirectories, testEvent } from '../server/test-server.ts';

const NO_MODULES = { files: [], descriptors: [] };

function openCount(): number {
  return readdirSync('/proc/self/fd').length;
}

test('ReportTarget without a server and without an inode leaks no descriptor', (t) => {
  const disk = smallFileSystem(t, 'size=1m,nr_inodes=12');
  const { runDir, logDir } = disk.directories;
  mkdirSync(runDir, { recursive: true });
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, logDir });
  mkdirSync(join(logDir, '.pending'));
  disk.takeInodes();
  disk.free(2);
  const before = openCount();
  assert.throws(() => ReportTarget.open(runDir, testEvent()), { code: 'ENOSPC' });
  assert.equal(openCount(), before);
});

test('ReportTarget without a server and without room leaves nothing of a crash', (t) => {
  const disk = smallFileSystem(t, 'size=256k,nr_inodes=100');
  const { runDir, logDir } = disk.directories;
  mkdirSync(runDir, { recursive: true });
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, logDir });
  const target = ReportTarget.open(runDir, testEvent());
  disk.fill();
  assert.throws(() => target.captured(0, 1, NO_MODULES), { code: 'ENOSPC' });
  assert.deepEqual(readdirSync(join(logDir, '.pending')), []);
  target.close();
});

test('ReportTarget leaves alone what a server that was lost has stored', async (t) => {
  const disk = smallFileSystem(t, 'size=256k,nr_inodes=100');
  const { runDir, logDir } = disk.directories;
  mkdirSync(runDir, { recursive: true });
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, logDir });
  const event = testEvent();
  const target = ReportTarget.open(runDir, event);
  const names = pendingFiles(logDir, event.crashId);
  for (const name of ['event', 'core', 'captured'] as const) writeFileSync(names[name], 'by the server');
  writeSync(target.files.text, 'text');
  disk.fill();
  target.captured(0, 1, NO_MODULES);
  await target.completed({ signature: '', signatureHash: '', analysisMs: 0, heldMs: 1 });
  assert.equal(readFileSync(names.event, 'utf8'), 'by the server');
  assert.ok(existsSync(names.text));
});

test('ReportTarget.resume() waits for a server that is busy: it has nothing else to go on with', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  server.process.kill('SIGSTOP');
  const busy = spawn('sh', ['-c', `sleep 2; kill -CONT ${server.process.pid}`]);
  t.after(() => busy.kill());
  // One that it does not know: its answer is all that is waited for.
  assert.throws(() => ReportTarget.resume(server.runDir, testEvent().crashId), ServerRefusedError);
});
