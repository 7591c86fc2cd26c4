import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UNITS } from '../../install/units.ts';
import { until } from '../machine/collecting.ts';
import {
  BEFORE,
  contentsOf,
  crashlogctl,
  type MachineTree,
  machineTree,
  startCrashlogctl,
} from './machine-tree.ts';

/** More than there are. */
const MANY_LINES = 100;

function pattern({ sysctls }: MachineTree): string {
  return readFileSync(join(sysctls, 'core_pattern'), 'utf8').trim();
}

function succeeds(tree: MachineTree, ...args: string[]): string {
  const { code, stdout, stderr } = crashlogctl(tree, args);
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

/** What a machine is like after commands that nobody interrupted. */
function after(t: TestContext, ...commands: string[]): string[] {
  const tree = machineTree(t);
  for (const command of commands) succeeds(tree, command);
  return normal(tree);
}

/** Trees lie in directories of different names. */
function normal(tree: MachineTree): string[] {
  return contentsOf(tree)
    .filter(isNoDirectory)
    .map((line) => line.replaceAll(tree.root, 'ROOT'));
}

test('enable directs crashes to us beside the handler before us, now and at the next boot; disable leaves nothing', (t) => {
  const tree = machineTree(t);
  const before = contentsOf(tree);
  succeeds(tree, 'enable');
  assert.match(pattern(tree), /^\|\S+ \/run\/usercrash .* \/usr\/bin\/true %P %s$/);
  const sysctl = readFileSync(join(tree.root, 'etc/sysctl.d/99-usercrash.conf'), 'utf8');
  assert.ok(sysctl.includes(`kernel.core_pattern = ${pattern(tree)}\n`), sysctl);
  const wants = join(tree.root, 'etc/systemd/system/sysinit.target.wants');
  assert.deepEqual(readdirSync(wants).sort(), [...UNITS].sort());
  assert.ok(
    !readFileSync(join(tree.root, 'etc/systemd/system/usercrash.service'), 'utf8').includes('@PROGRAMS@'),
  );
  assert.match(readFileSync(join(tree.root, 'etc/passwd'), 'utf8'), /^usercrash:/m);
  succeeds(tree, 'disable');
  assert.deepEqual(contentsOf(tree).filter(isNoDirectory), before.filter(isNoDirectory));
});

test('enable and disable, however often and in whichever order, never put back our own core_pattern', (t) => {
  const tree = machineTree(t);
  for (const command of [
    'disable',
    'enable',
    'enable',
    'disable',
    'disable',
    'enable',
    'enable',
    'disable',
  ]) {
    succeeds(tree, command);
    if (command === 'disable') assert.equal(pattern(tree), BEFORE.corePattern);
  }
});

test('enable a second time changes nothing', (t) => {
  const tree = machineTree(t);
  succeeds(tree, 'enable');
  const enabled = contentsOf(tree);
  const said = succeeds(tree, 'enable');
  assert.doesNotMatch(said, /^doing\t/m);
  assert.deepEqual(contentsOf(tree), enabled);
});

test('--dry-run changes nothing', (t) => {
  const tree = machineTree(t);
  const before = contentsOf(tree);
  assert.match(succeeds(tree, 'enable', '--dry-run'), /^would\tset core_pattern to \|/m);
  assert.equal(succeeds(tree, 'disable', '--dry-run'), 'nothing\tis there to undo\n');
  assert.deepEqual(contentsOf(tree), before);
  succeeds(tree, 'enable');
  const enabled = contentsOf(tree);
  assert.match(succeeds(tree, 'disable', '--dry-run'), /^would undo\tset core_pattern/m);
  assert.deepEqual(contentsOf(tree), enabled);
});

test('what somebody else has written to core_pattern since stays, and is what a second enable keeps', (t) => {
  const tree = machineTree(t);
  succeeds(tree, 'enable');
  writeFileSync(join(tree.sysctls, 'core_pattern'), '|/usr/bin/false %p\n');
  succeeds(tree, 'enable');
  assert.match(pattern(tree), / \/usr\/bin\/false %p$/);
  succeeds(tree, 'disable');
  assert.equal(pattern(tree), '|/usr/bin/false %p');
  assert.equal(readFileSync(join(tree.sysctls, 'core_pipe_limit'), 'utf8'), String(BEFORE.corePipeLimit));
});

test('units of a package are enabled where they are, and stay', (t) => {
  const tree = machineTree(t);
  const units = join(import.meta.dirname, '../../dist/systemd');
  const packaged = join(tree.root, 'usr/lib/systemd/system');
  const name = 'usercrash.socket';
  writeFileSync(join(packaged, name), readFileSync(join(units, name)));
  succeeds(tree, 'enable');
  assert.ok(!existsSync(join(tree.root, 'etc/systemd/system', name)));
  succeeds(tree, 'disable');
  assert.ok(existsSync(join(packaged, name)));
});

test("a file of somebody else's in the place of ours is left alone, and all is undone", (t) => {
  const tree = machineTree(t);
  writeFileSync(join(tree.root, 'etc/systemd/system/usercrash-client.service'), '# mine\n');
  const before = contentsOf(tree);
  const { code, stderr } = crashlogctl(tree, ['enable']);
  assert.equal(code, 1);
  assert.match(stderr, /usercrash-client\.service is there already/);
  assert.deepEqual(contentsOf(tree).filter(isNoDirectory), before.filter(isNoDirectory));
});

test('enable that fails where it was enabled before leaves it enabled as it was', (t) => {
  const tree = machineTree(t);
  succeeds(tree, 'enable');
  const enabled = contentsOf(tree);
  // Another core_pattern is wanted, and what comes behind it fails.
  const configuration = join(tree.root, 'etc/usercrash');
  mkdirSync(configuration);
  writeFileSync(join(configuration, 'usercrash.toml'), 'default-handler = false\n');
  const sysctl = join(tree.root, 'etc/sysctl.d/99-usercrash.conf');
  renameSync(sysctl, `${sysctl}.kept`);
  mkdirSync(sysctl);
  const { code, stdout } = crashlogctl(tree, ['enable']);
  assert.match(stdout, /^done\tset core_pattern/m);
  assert.equal(code, 1);
  rmSync(sysctl, { recursive: true });
  renameSync(`${sysctl}.kept`, sysctl);
  rmSync(configuration, { recursive: true });
  assert.deepEqual(contentsOf(tree), enabled);
});

test('an image that is enabled, and moved or started, is disabled there', (t) => {
  const tree = machineTree(t);
  const before = contentsOf(tree).filter(isNoDirectory);
  succeeds(tree, 'enable');
  const moved = { ...tree, root: `${tree.root}-started` };
  renameSync(tree.root, moved.root);
  succeeds(moved, 'disable');
  assert.deepEqual(contentsOf(moved).filter(isNoDirectory), before);
});

test('links of an image lead nowhere else, neither for enable nor for disable', (t) => {
  for (const directory of ['etc/systemd/system', 'etc/sysctl.d', 'var/lib']) {
    const tree = machineTree(t);
    const outside = `${tree.root}-outside`;
    mkdirSync(outside);
    rmSync(join(tree.root, directory), { recursive: true, force: true });
    symlinkSync(outside, join(tree.root, directory));
    const { code, stderr } = crashlogctl(tree, ['enable']);
    assert.equal(code, 1);
    assert.ok(stderr.includes(` leads out of ${tree.root}, to ${outside}`), stderr);
    assert.deepEqual(readdirSync(outside), []);
  }
  const tree = machineTree(t);
  const victim = `${tree.root}-victim`;
  writeFileSync(victim, '');
  succeeds(tree, 'enable');
  const note = join(tree.root, 'var/lib/usercrash/enabled.json');
  const made = [victim, '/../root-victim'];
  writeFileSync(note, JSON.stringify({ ...JSON.parse(readFileSync(note, 'utf8')), made }));
  succeeds(tree, 'disable');
  assert.ok(existsSync(victim));
});

test('--mode is a drop-in of the configuration, until disable', (t) => {
  const tree = machineTree(t);
  mkdirSync(join(tree.root, 'etc/usercrash'));
  succeeds(tree, 'enable', '--mode', 'pipe');
  const dropIn = join(tree.root, 'etc/usercrash/usercrash.toml.d/90-enable.toml');
  assert.match(readFileSync(dropIn, 'utf8'), /^mode = "pipe"$/m);
  succeeds(tree, 'enable', '--mode', 'auto');
  assert.match(readFileSync(dropIn, 'utf8'), /^mode = "auto"$/m);
  succeeds(tree, 'disable');
  assert.ok(!existsSync(dropIn));
});

for (const [command, next] of [
  ['enable', 'enable'],
  ['enable', 'disable'],
  ['disable', 'enable'],
  ['disable', 'disable'],
] as const) {
  test(`${command} killed before each line that it says, then ${next}: as if nobody had killed it`, (t) => {
    const first = command === 'disable' ? ['enable'] : [];
    const wanted = after(t, ...first, command, next);
    let line = 0;
    for (; line < MANY_LINES; line += 1) {
      const tree = machineTree(t);
      for (const done of first) succeeds(tree, done);
      const { signal, stdout } = crashlogctl(tree, [command], { line, signal: 'SIGKILL' });
      if (signal !== 'SIGKILL') break;
      succeeds(tree, next);
      assert.deepEqual(normal(tree), wanted, `killed after:\n${stdout}`);
      if (next === 'enable') succeeds(tree, 'disable');
      assert.equal(pattern(tree), BEFORE.corePattern, `killed after:\n${stdout}`);
    }
    assert.ok(line > 5 && line < MANY_LINES, `${line} lines`);
  });
}

for (const command of ['enable', 'disable']) {
  test(`beside ${command} at work no other does anything, and it ends as if alone`, async (t) => {
    const first = command === 'disable' ? ['enable'] : [];
    const tree = machineTree(t);
    for (const done of first) succeeds(tree, done);
    const atWork = startCrashlogctl(tree, [command], { line: 6, signal: 'SIGSTOP' });
    t.after(() => atWork.kill('SIGKILL'));
    const stat = `/proc/${atWork.pid}/stat`;
    await until('it has stopped', () => readFileSync(stat, 'utf8').includes(') T '));
    const half = contentsOf(tree);
    for (const other of ['enable', 'disable']) {
      const { code, stdout, stderr } = crashlogctl(tree, [other]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /Another crashlogctl enable or disable is at work/);
    }
    assert.deepEqual(contentsOf(tree), half);
    atWork.kill('SIGCONT');
    assert.deepEqual(await once(atWork, 'exit'), [0, null]);
    assert.deepEqual(normal(tree), after(t, ...first, command));
  });
}

test('enable interrupted by SIGINT before each line that it says undoes what it did', (t) => {
  let line = 0;
  for (; line < MANY_LINES; line += 1) {
    const tree = machineTree(t);
    const before = contentsOf(tree).filter(isNoDirectory);
    const { code, stdout } = crashlogctl(tree, ['enable'], { line, signal: 'SIGINT' });
    if (code === 0) break;
    assert.equal(code, 130, stdout);
    assert.deepEqual(contentsOf(tree).filter(isNoDirectory), before, `interrupted after:\n${stdout}`);
  }
  assert.ok(line > 5 && line < MANY_LINES, `${line} lines`);
});

/** Directories that it made for its files may stay. */
function isNoDirectory(line: string): boolean {
  return !/^\S+ 755\/$/.test(line);
}
