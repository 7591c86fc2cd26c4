import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { run, startCollecting } from '../machine/collecting.ts';
import { testDirectories } from '../server/test-server.ts';
import { askCrashlogctl } from './ask-crashlogctl.ts';

test('crashlogctl status says what is collected, by which mode and since when, and ends with 0', async (t) => {
  const { directories, published } = await startCollecting(t);
  const { pid } = await run('/bin/sh', ['-c', 'kill -SEGV $$']);
  await published(pid);
  const { stdout, status } = askCrashlogctl(['status'], directories);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^collecting\tyes, by pipe: /);
  assert.match(stdout, /^server\trunning since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(.*\), pid \d+, version /m);
  assert.match(stdout, /^crashes\t1 today, 1 in 7 days, 1 in all since /m);
  assert.match(stdout, new RegExp(`^last\\t.* SIGSEGV /\\S+sh, pid ${pid}: usercrash_00$`, 'm'));
  assert.match(stdout, /^reports\t1 of 100, \d+ KiB of /m);
  assert.match(stdout, /^waiting\t0 crashes/m);
  assert.ok(lines.length <= 15);
  assert.equal(status, 0);
  const json = JSON.parse(askCrashlogctl(['status', '--json'], directories).stdout);
  assert.deepEqual(
    { collecting: json.collecting, mode: json.mode, today: json.crashes.today, reports: json.stored.reports },
    { collecting: true, mode: 'pipe', today: 1, reports: 1 },
  );
});

test('crashlogctl status without the server says so, and that crashes still come by pipe', async (t) => {
  const { directories, server, published } = await startCollecting(t);
  await server.stop('SIGKILL');
  const { stdout, status } = askCrashlogctl(['status'], directories);
  assert.match(stdout, /^collecting\tyes, by pipe/);
  assert.match(stdout, /^server\tnot running: it ended without a word; crashes wait for it$/m);
  assert.match(stdout, /^problems\tserver: /m);
  assert.equal(status, 0);
  assert.ok(published);
});

test('crashlogctl status: core_pattern that is another, and mistakes in the configuration', async (t) => {
  const { directories, server } = await startCollecting(t);
  writeCoreSysctls({ ...readCoreSysctls(), corePattern: '|/usr/lib/systemd/systemd-coredump %P' });
  mkdirSync(directories.stateDir, { recursive: true });
  writeFileSync(join(directories.stateDir, 'usercrash.toml'), 'slots = 0\n');
  const { stdout, status } = askCrashlogctl(['status'], directories);
  assert.match(stdout, /^collecting\tno: core_pattern is systemd-coredump's: \|\/usr/);
  assert.match(stdout, /^problems\tconfiguration: .*usercrash\.toml:1: slots = 0/m);
  assert.equal(status, 3);
  await server.stop('SIGKILL');
  assert.match(
    askCrashlogctl(['status'], directories).stdout,
    /^server\tnot running: it ended without a word$/m,
  );
});

test('crashlogctl status: where nothing has ever run, and for who is not root', (t) => {
  const directories = testDirectories(t);
  const { stdout, status } = askCrashlogctl(['status'], directories);
  assert.match(stdout, /^collecting\tno: /);
  assert.match(stdout, /^server\tnot running: none has since the machine started$/m);
  assert.match(stdout, /^crashes\t0 today/m);
  assert.equal(status, 3);
  chmodSync(dirname(directories.logDir), 0o755);
  const nobody = askCrashlogctl(['status'], directories, {
    before: `install -d -m 700 ${directories.runDir}; exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"`,
  });
  assert.match(nobody.stdout, /^server\tonly root may know$/m);
  assert.equal(nobody.status, 3, nobody.stderr);
});
