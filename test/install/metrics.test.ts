import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatMetrics } from '../../install/metrics/format-metrics.ts';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { run, startCollecting, until } from '../machine/collecting.ts';
import { testDirectories } from '../server/test-server.ts';
import { askCrashlogctl } from './ask-crashlogctl.ts';
import { parseExposition } from './parse-exposition.ts';

test('crashlogctl metrics: what Prometheus reads of a collector that works, and of one that does not', async (t) => {
  const { directories, server, published } = await startCollecting(t, ['--exclude', '*/bash']);
  const metrics = () => {
    const { stdout, stderr, status } = askCrashlogctl(['metrics'], directories);
    assert.deepEqual([stderr, status], ['', 0]);
    return parseExposition(stdout);
  };
  const sample = (name: string, labels = '') => metrics().get(name)?.samples.get(labels);
  const crashes = (outcome: string) => sample('usercrash_crashes_total', `{outcome="${outcome}"}`);
  const before = Date.now() / 1000;
  assert.equal(crashes('full'), 0);
  assert.equal(metrics().has('usercrash_last_crash_timestamp_seconds'), false);
  for (const shell of ['/bin/dash', '/bin/bash']) {
    const { pid } = await run(shell, ['-c', 'kill -SEGV $$']);
    if (shell === '/bin/dash') await published(pid);
  }
  await until('both are counted', () => crashes('full') === 1 && crashes('excluded') === 1);
  assert.equal(crashes('not_collected'), 0);
  assert.deepEqual(
    [...(metrics().get('usercrash_crashes_total')?.samples.keys() ?? [])].map((labels) =>
      labels.slice(10, -2),
    ),
    ['full', 'repeat', 'excluded', 'not_collected', 'withdrawn'],
  );
  assert.equal(sample('usercrash_collecting'), 1);
  assert.equal(sample('usercrash_collection_mode', '{mode="pipe"}'), 1);
  assert.equal(sample('usercrash_collection_mode', '{mode="socket"}'), 0);
  assert.equal(sample('usercrash_server_up'), 1);
  assert.equal(sample('usercrash_reports'), 1);
  assert.equal(sample('usercrash_ledger_dumps', '{state="seen"}'), 2);
  assert.ok((sample('usercrash_last_crash_timestamp_seconds') ?? 0) > before - 1);
  assert.ok((sample('usercrash_stored_bytes') ?? 0) > 1_000);
  assert.equal(sample('usercrash_sysctl_foreign', '{sysctl="core_pattern"}'), 0);
  writeCoreSysctls({ ...readCoreSysctls(), corePattern: '|/usr/lib/systemd/systemd-coredump %P' });
  await until('it is seen', () => sample('usercrash_sysctl_foreign', '{sysctl="core_pattern"}') === 1);
  assert.equal(sample('usercrash_sysctl_changes_total', '{sysctl="core_pattern"}'), 1);
  assert.equal(sample('usercrash_collecting'), 0);
  await server.stop('SIGKILL');
  assert.equal(sample('usercrash_server_up'), 0);
  assert.equal(sample('usercrash_ledger_on'), 0);
  assert.equal(crashes('full'), 1);
});

test('crashlogctl metrics --output replaces a file, follows no link and takes the place of nothing else', (t) => {
  const directories = testDirectories(t);
  const directory = join(directories.stateDir, 'textfiles');
  mkdirSync(directory, { recursive: true });
  const victim = join(directories.stateDir, 'victim');
  writeFileSync(victim, 'untouched');
  const file = join(directory, 'usercrash.prom');
  symlinkSync(victim, join(directory, '.usercrash.prom.tmp'));
  writeFileSync(file, 'old');
  const { status, stdout, stderr } = askCrashlogctl(['metrics', '--output', file], directories, {
    before: 'umask 077',
  });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
  assert.equal(readFileSync(victim, 'utf8'), 'untouched');
  assert.deepEqual(readdirSync(directory), ['usercrash.prom']);
  assert.ok(lstatSync(file).isFile());
  assert.equal(lstatSync(file).mode & 0o777, 0o644);
  assert.equal(parseExposition(readFileSync(file, 'utf8')).get('usercrash_server_up')?.samples.get(''), 0);
  const device = join(directory, 'null');
  const link = join(directory, 'link');
  execFileSync('mknod', [device, 'c', '1', '3']);
  symlinkSync(victim, link);
  for (const other of [device, link, directory]) {
    const refused = askCrashlogctl(['metrics', '--output', other], directories);
    assert.equal(refused.status, 1);
    assert.ok(refused.stderr.includes(`${other} is there already, and is not a file`), refused.stderr);
  }
  assert.ok(lstatSync(device).isCharacterDevice());
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(victim, 'utf8'), 'untouched');
});

test('crashlogctl metrics is for root', (t) => {
  const directories = testDirectories(t);
  const { status, stderr, stdout } = askCrashlogctl(['metrics'], directories, {
    before: 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"',
  });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /sudo crashlogctl metrics/);
});

test('formatMetrics() escapes what would break a line, and leaves out what nobody knows', () => {
  const text = formatMetrics([
    {
      ...{ name: 'one_total', type: 'counter', help: 'A back\\slash\nand "quotes".' },
      samples: [{ labels: { program: 'a "b"\\\n# TYPE two gauge', mode: 'pipe' }, value: 3 }],
    },
    { name: 'none', type: 'gauge', help: 'Nothing.', samples: [] },
    { name: 'some_bytes', type: 'gauge', help: 'Odd.', samples: [{ value: Number.POSITIVE_INFINITY }] },
  ]);
  const families = parseExposition(text);
  assert.deepEqual([...families.keys()], ['one_total', 'some_bytes']);
  const labels = '{program="a \\"b\\"\\\\\\n# TYPE two gauge",mode="pipe"}';
  assert.deepEqual(families.get('one_total')?.samples, new Map([[labels, 3]]));
  assert.equal(families.get('some_bytes')?.samples.get(''), Number.POSITIVE_INFINITY);
});

for (const [what, text] of [
  ['a line without an end', '# HELP a x\n# TYPE a gauge\na 1'],
  ['a sample without its type', '# HELP a x\na 1\n'],
  ['a family twice', '# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na 2\n'],
  ['a sample twice', '# HELP a x\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n'],
  ['a counter that is not called so', '# HELP a x\n# TYPE a counter\na 1\n'],
  ['a quote in a label', '# HELP a x\n# TYPE a gauge\na{b="1"2"} 1\n'],
  ['a value that is none', '# HELP a x\n# TYPE a gauge\na null\n'],
] as const) {
  test(`parseExposition() refuses ${what}`, () => {
    assert.throws(() => parseExposition(text));
  });
}
