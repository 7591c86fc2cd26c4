import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const program = join(import.meta.dirname, '../../dist/crashlogctl');

function configured(t: TestContext, toml: string): NodeJS.ProcessEnv {
  const directory = mkdtempSync('/tmp/uc-config-');
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'usercrash.toml');
  writeFileSync(file, toml);
  return { ...process.env, USERCRASH_CONFIG: file, USERCRASH_STATE_DIR: directory };
}

test('crashlogctl config names the file and line, the variable or the default of each value', (t) => {
  const configuration = configured(t, 'slots = 7\n\nmax-age = 3\n');
  const env = { ...configuration, USERCRASH_MAX_AGE: '4' };
  const { stdout, status } = spawnSync(program, ['config'], { env, encoding: 'utf8' });
  const lines = stdout.split('\n');
  assert.ok(lines.includes(`slots\t7\t${configuration['USERCRASH_CONFIG']}:1`), stdout);
  assert.ok(lines.includes('max-age\t4\tUSERCRASH_MAX_AGE'), stdout);
  assert.ok(lines.includes('mode\tauto\tdefault'), stdout);
  assert.equal(status, 0);
});

test('crashlogctl config shows what holds instead of a wrong value, and ends with 1', (t) => {
  const env = configured(t, 'slots = 0\n');
  const { stdout, stderr, status } = spawnSync(program, ['config', '--json'], { env, encoding: 'utf8' });
  const { settings, problems } = JSON.parse(stdout);
  assert.deepEqual(settings.slots, { value: '100', origin: 'default' });
  assert.match(problems[0], /usercrash\.toml:1: slots = 0: It is a whole number from 1 to 10000\./);
  assert.match(stderr, /^crashlogctl: .*usercrash\.toml:1: slots = 0/);
  assert.equal(status, 1);
});

test('crashlogctl config waits for nothing that lies in the place of a file', (t) => {
  const env = configured(t, 'slots = 7\n');
  const dropIns = `${env['USERCRASH_CONFIG']}.d`;
  mkdirSync(join(dropIns, '3-directory.toml'), { recursive: true });
  execFileSync('mkfifo', [join(dropIns, '1-pipe.toml')]);
  symlinkSync('/dev/zero', join(dropIns, '2-device.toml'));
  writeFileSync(join(dropIns, '4.toml'), 'max-age = 3\n');
  // Who waits in a system call hears of no SIGTERM.
  const limits = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
  const said = spawnSync(program, ['config', '--json'], { env, encoding: 'utf8', ...limits });
  assert.equal(said.signal, null);
  const { settings, problems } = JSON.parse(said.stdout);
  assert.deepEqual([settings.slots.value, settings['max-age'].value], ['7', '3']);
  assert.deepEqual(
    problems,
    ['1-pipe', '2-device', '3-directory'].map((name) => `${join(dropIns, name)}.toml: it is not a file`),
  );
});

test('crashlogctl: a wrong option is told on stderr and ends with 2', () => {
  const { stdout, stderr, status } = spawnSync(program, ['config', '--jason'], { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.match(stderr, /unknown option '--jason'/);
  assert.equal(status, 2);
});

test('crashlogctl: output that could not be written ends with 1 and one line', (t) => {
  const env = configured(t, '');
  for (const words of [['config'], ['config', '--json'], ['config', '--help']]) {
    const { stderr, status } = spawnSync('sh', ['-c', '"$0" "$@" >/dev/full', program, ...words], {
      ...{ env, encoding: 'utf8' },
    });
    assert.match(stderr, /^crashlogctl: the output is not whole: ENOSPC: .*\n$/);
    assert.equal(status, 1);
  }
});
