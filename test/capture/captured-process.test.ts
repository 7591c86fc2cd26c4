import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { takeProcessSnapshot } from '../../capture/process-snapshot.ts';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { CrashPlace } from './crash-held.ts';

test('captureCrash() reads /proc of a process that is held in its dump', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile('threads ten.c', corpusSource('threads.c'), ['-g', '-DCOUNT=10']);
  const { facts, pid } = await place.crash(program, { args: ['first', 'a\nb'] });
  assert.deepEqual(facts.failures, {});
  assert.equal(facts.exe, program);
  assert.equal(facts.cwd, place.directory);
  assert.equal(facts.cmdline, `${program}\0first\0a\nb\0`);
  assert.equal(facts.parentComm, readFileSync('/proc/self/comm', 'utf8').trim());
  assert.match(facts.kernelStack ?? '', /do_coredump|vfs_coredump/);
  // Behind them may be what the test runner left open.
  assert.deepEqual(facts.targets.slice(0, 3), ['/dev/null', '/dev/null', '/dev/null']);
  assert.equal(facts.descriptorCount, facts.targets.length);
  const names = new Map(facts.threadNames);
  assert.equal(names.size, 11);
  assert.equal(names.get(pid), 'threads ten');
  assert.deepEqual(
    facts.tids
      .slice(1)
      .map((tid) => names.get(tid))
      .sort(),
    Array.from({ length: 10 }, (_, index) => `worker ${index}`).sort(),
  );
});

test('captureCrash() opens the files that are mapped, and tells which are deleted', async (t) => {
  const place = await CrashPlace.take(t);
  const libraries = join(place.directory, 'libraries');
  mkdirSync(libraries);
  const library = place.compile('library.c', 'int fail(int *at) { return *(volatile int *)at; }', [
    '-g',
    '-shared',
    '-fPIC',
  ]);
  renameSync(library, join(libraries, 'libfail.so'));
  const program = place.compile(
    'main.c',
    `#include <unistd.h>
     #include <stdio.h>
     int fail(int *);
     int main(int argc, char **argv) { unlink(argv[1]); rename(argv[2], argv[3]); return fail(0); }`,
    [
      '-g',
      `-L${libraries}`,
      `-Wl,-rpath,${libraries}`,
      '-Wl,--build-id=0xabcdef0123',
      '-lfail',
      '-Wl,--no-as-needed',
      '-lfail',
    ],
  );
  const marked = join(libraries, 'real name (deleted)');
  const { facts } = await place.crash(program, { args: [program, join(libraries, 'libfail.so'), marked] });
  const [executable, ...others] = facts.modules;
  assert.deepEqual(
    [executable?.name, executable?.path, executable?.deleted, executable?.isOpen, executable?.isExecutable],
    [program, program, true, true, true],
  );
  assert.equal(executable?.buildId, 'abcdef0123');
  const moved = others.find(({ name }) => name === join(libraries, 'libfail.so'));
  assert.deepEqual([moved?.path, moved?.deleted, moved?.isOpen], [marked, false, true]);
  const names = others.map(({ name }) => name.replace(/.*\//, ''));
  assert.deepEqual(names.toSorted(), ['ld-linux-x86-64.so.2', 'libc.so.6', 'libfail.so', 'linux-vdso.so.1']);
  for (const { name, buildId, isOpen } of others) {
    assert.match(buildId ?? '', /^[0-9a-f]{40}$/, name);
    assert.equal(isOpen, name !== 'linux-vdso.so.1', name);
  }
});

test('captureCrash() finds modules although the list of the linker is destroyed', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile(
    'destroyed.c',
    `#include <link.h>
     #include <string.h>
     int main(void) {
       for (ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
         if (entry->d_tag == DT_DEBUG) ((struct r_debug *)entry->d_un.d_ptr)->r_map->l_next = (void *)0x10;
       return *(volatile int *)0;
     }`,
    ['-g', '-Wl,-z,norelro'],
  );
  const { facts } = await place.crash(program);
  assert.match(facts.warnings.join(), /the linker's list breaks off after 1 entries/);
  assert.equal(facts.modules[0]?.path, program);
  assert.ok(
    facts.modules.some(({ path }) => path?.endsWith('/libc.so.6')),
    JSON.stringify(facts.modules),
  );
});

test('takeProcessSnapshot() says why for each item of a process that is gone', async () => {
  const child = spawn('/bin/true');
  await once(child, 'exit');
  const pid = child.pid ?? 0;
  const snapshot = takeProcessSnapshot(pid, pid, [pid]);
  const { stat, maps, environ, exe, kernelStack, descriptors, descriptorCount } = snapshot;
  assert.deepEqual(
    [stat, maps, environ, exe, kernelStack, descriptorCount],
    [null, null, null, null, null, null],
  );
  assert.deepEqual(descriptors, []);
  for (const item of ['stat', 'maps', 'exe', 'kernelStack', 'fd', 'threadNames']) {
    assert.match(snapshot.failures.get(item) ?? '', /ENOENT/, item);
  }
});

test('takeProcessSnapshot() counts all descriptors, and tells of the first 4,096', async (t) => {
  const child = spawn('prlimit', [
    '--nofile=6000',
    'perl',
    '-e',
    '$^F = 6000; for (3..4999) { open my $f, "<", "/dev/zero"; push @f, $f } $| = 1; print "x"; sleep 60',
  ]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const snapshot = takeProcessSnapshot(pid, pid, [pid]);
  assert.equal(snapshot.descriptorCount, readdirSync(`/proc/${pid}/fd`).length);
  assert.ok(snapshot.descriptorCount >= 5000);
  assert.equal(snapshot.descriptors.length, 4096);
  assert.equal(snapshot.descriptors.at(-1)?.target.toString(), '/dev/zero');
  // Where each stands is told of the first 256 only: it takes three system calls each, and the process waits.
  assert.match(snapshot.descriptors[255]?.info?.toString() ?? '', /^pos:\t0\nflags:\t/);
  assert.equal(snapshot.descriptors[256]?.info, null);
});

test('takeProcessSnapshot() names threads of another pid namespace by the numbers that they have there', async (t) => {
  const child = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', 'echo $$; exec sleep 60']);
  t.after(() => child.kill('SIGKILL'));
  const [output] = await once(child.stdout, 'data');
  const own = Number(String(output));
  assert.equal(own, 1);
  const [pid = 0] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  const snapshot = takeProcessSnapshot(pid, pid, [own]);
  assert.match(snapshot.threadNames.get(own)?.toString() ?? '', /^(sh|sleep)$/);
  assert.equal(snapshot.failures.has('threadNames'), false);
});
