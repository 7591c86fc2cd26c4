import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../machine/collecting.ts';
import { makeCgroup, makeContainer } from '../machine/container.ts';
import { compile } from '../machine/programs.ts';
import { type Collected, collected, environmentOf } from './collected.ts';

let crashes: Collected;
/** Of the programs, in the order of their reports. */
let programs: string[] = [];

before(async () => {
  crashes = await collected(async (collecting) => {
    const { stateDir } = collecting.directories;
    programs = (['nested', 'exception', 'threads'] as const).map((name) =>
      compile(name, join(stateDir, 'programs', name)),
    );
    for (const program of programs) await collecting.published((await run(program)).pid);
  });
});
after(() => crashes.remove());

const BATCH = ['--', '-batch', '-ex'];
const debug = (slot: string, command: string, how = {}) =>
  crashes.crashlogctl(['debug', slot, ...BATCH, command], how);
test('crashlogctl debug: gdb has core, executable, libraries and source lines', () => {
  const { stdout, stderr, status } = debug('00', 'bt');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^#0 .*read_through \(point=0x0, depth=3\) at .*nested\.c:3$/m);
  assert.match(stdout, /^#5 .*main \(argc=1, argv=0x[0-9a-f]+\) at .*nested\.c:\d+$/m);
  assert.doesNotMatch(stderr, /not used|Can't open/i);
  assert.match(debug('00', 'info sharedlibrary').stdout, /Yes .*libc\.so\.6/);
  const [, sysroot = ''] = /system root is "(.+)"/.exec(debug('00', 'show sysroot').stdout) ?? [];
  assert.match(sysroot, /usercrash-sysroot-/);
  assert.ok(!existsSync(sysroot));
});

test('crashlogctl debug: gdb shows all threads, and strings of C++ as such', () => {
  assert.match(debug('02', 'thread apply all bt 1').stdout, /^Thread 5 /m);
  const { stdout } = debug('01', 'frame function total');
  assert.match(stdout, /total \(order=.*\) at /);
  assert.match(
    crashes.crashlogctl(['debug', '01', ...BATCH, 'frame function total', '-ex', 'print order.customer'])
      .stdout,
    /^\$1 = "ACME"$/m,
  );
});

test('crashlogctl debug gives gdb no file of another build, and says so', (t) => {
  const [nested = '', exception = ''] = programs;
  renameSync(nested, `${nested}.kept`);
  t.after(() => renameSync(`${nested}.kept`, nested));
  copyFileSync(exception, nested);
  const { stdout, stderr, status } = debug('00', 'bt 1');
  assert.equal(status, 0);
  assert.match(
    stderr,
    /programs\/nested: the file's build-id is [0-9a-f]+, in memory it was [0-9a-f]+, so its symbols were not used/,
  );
  assert.doesNotMatch(stdout, /read_through/);
});

test('crashlogctl debug: nothing that lies beside the program runs, nor in the directory in which it is called', (t) => {
  const [nested = ''] = programs;
  const directory = join(nested, '..');
  const traces = join(crashes.directories.stateDir, 'ran');
  const files = {
    'nested-gdb.gdb': `shell touch ${traces}\n`,
    'nested-gdb.py': `open('${traces}', 'w')\n`,
    '.gdbinit': `shell touch ${traces}\n`,
    'gdb.py': `open('${traces}', 'w')\n`,
    'libstdcxx.py': `open('${traces}', 'w')\n`,
    'site.py': `open('${traces}', 'w')\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const home = join(crashes.directories.stateDir, 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, '.gdbinit'), `shell touch ${traces}\n`);
  const here = process.cwd();
  process.chdir(directory);
  t.after(() => process.chdir(here));
  for (const slot of ['00', '01']) {
    const { stderr, status } = debug(slot, 'bt', { env: { HOME: home } });
    assert.equal(status, 0, stderr);
  }
  assert.ok(!existsSync(traces));
});

test('crashlogctl debug: by sudo, gdb runs as whoever called it, without root’s groups', () => {
  const env = { SUDO_UID: '65534', SUDO_GID: '65534' };
  const { stdout, stderr, status } = debug('00', 'shell id -u; id -G', { env });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^65534\n65534$/m);
  // The directory of the programs is root's alone: they come as descriptors.
  assert.match(debug('00', 'bt 1', { env }).stdout, /read_through \(point=0x0, depth=3\)/);
});

test('crashlogctl debug: of a container gdb has the files of --sysroot', async (t) => {
  const container = makeContainer(t);
  const id = 'decaf0'.padEnd(64, '1');
  const own = await collected(({ published }) => {
    const cgroup = makeCgroup(t, `/docker-${id}.scope/in.service`);
    return published(container.crash('libc', { cgroup }));
  });
  t.after(() => own.remove());
  const bt = (...options: string[]) => own.crashlogctl(['debug', '00', ...options, ...BATCH, 'bt']);
  const whole = /#0 .*strlen .*#1 .*in_libc .*#2 .*measure_with .*#3 .*main /s;
  const gone = bt();
  assert.doesNotMatch(gone.stdout, /in_libc|measure_with/);
  assert.match(gone.stderr, /It crashed in docker decaf01+: .*--sysroot DIR/);
  const named = bt('--sysroot', container.root);
  assert.match(named.stdout, whole, named.stdout + named.stderr);
  assert.match(bt('--sysroot', '/nonexistent').stderr, /^crashlogctl: ENOENT/m);
});

test('crashlogctl debug ends as gdb ends', () => {
  assert.equal(crashes.crashlogctl(['debug', '00', ...BATCH, 'quit 3']).status, 3);
});

test('crashlogctl debug says what is missing: the core, the right to read it, gdb', () => {
  const core = join(crashes.directories.logDir, 'usercrash_02.core.zst');
  chmodSync(join(crashes.directories.logDir, '..'), 0o755);
  const forbidden = crashes.crashlogctl(['debug', '02'], { uid: 65_534 });
  assert.match(
    forbidden.stderr,
    /^crashlogctl: The core of usercrash_02 may not be read by this user\. Try: sudo/,
  );
  const noGdb = crashes.crashlogctl(['debug', '02'], { env: { USERCRASH_GDB: '/nonexistent/gdb' } });
  assert.match(noGdb.stderr, /^crashlogctl: \/nonexistent\/gdb is not installed\. Try: /m);
  renameSync(core, `${core}.kept`);
  const { stderr, status } = crashes.crashlogctl(['debug', '02']);
  renameSync(`${core}.kept`, core);
  assert.match(stderr, /^crashlogctl: usercrash_02 has no core\. Try: crashlogctl show/);
  assert.equal(status, 1);
});

test('crashlogctl debug: in a terminal Ctrl-C is gdb’s, and ends neither', () => {
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  const script = `'${program}' debug 00 -- -ex 'python import os, signal; os.kill(0, signal.SIGINT)' -ex 'echo still here\\n' -ex quit`;
  const { logDir, runDir, stateDir } = crashes.directories;
  const env = {
    ...process.env,
    USERCRASH_LOG_DIR: logDir,
    USERCRASH_RUN_DIR: runDir,
    USERCRASH_STATE_DIR: stateDir,
  };
  const { stdout } = spawnSync('script', ['-qec', script, '/dev/null'], {
    encoding: 'utf8',
    env,
    input: 'quit\n',
  });
  assert.match(stdout, /Quit|still here/);
});

test('crashlogctl debug: SIGTERM ends gdb as well, and nothing is left behind', async () => {
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  const child = spawn(program, ['debug', '00', '--', '-ex', 'show sysroot', '-ex', 'info inferiors'], {
    env: { ...process.env, ...environmentOf(crashes.directories) },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let shown = '';
  for await (const text of child.stdout) {
    shown += text;
    if (shown.includes('Executable')) child.kill('SIGTERM');
  }
  assert.equal(await ended, 130);
  const [, sysroot = ''] = /system root is "(.+)"/.exec(shown) ?? [];
  assert.ok(sysroot !== '' && !existsSync(sysroot), shown);
});
