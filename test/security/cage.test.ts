import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { cagedGdb } from './caged-gdb.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  chmodSync(path, 0o755);
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function gdbFor(t: TestContext, given: Parameters<typeof cagedGdb>[0] = {}) {
  const gdb = cagedGdb(given);
  t.after(() => gdb.close());
  return gdb;
}

/** Python that tries each of some expressions and prints the error's class, or that it worked. */
function attempts(expressions: readonly string[]): string {
  return [
    'import os, socket, threading, subprocess',
    ...expressions.flatMap((expression) => [
      'try:',
      `  ${expression}`,
      `  print('done')`,
      'except Exception as error:',
      `  print(type(error).__name__, getattr(error, 'errno', None))`,
    ]),
  ].join('\n');
}

const lines = (text: string) => text.trimEnd().split('\n');
const field = (status: string, name: string) =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();

test('the cage of gdb: another user, no groups, no capabilities, and no way back', async (t) => {
  const status = await gdbFor(t).python("print(open('/proc/self/status').read())");
  const { uid, gid } = cageUser();
  assert.notEqual(uid, 65534, 'nobody is whom other services run as');
  assert.equal(field(status, 'Uid'), Array(4).fill(uid).join('\t'));
  assert.equal(field(status, 'Gid'), Array(4).fill(gid).join('\t'));
  assert.equal(field(status, 'Groups'), '');
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    assert.match(field(status, set) ?? '', /^0+$/, set);
  assert.equal(field(status, 'NoNewPrivs'), '1');
  assert.equal(field(status, 'Seccomp'), '2');
});

test('the cage of gdb lacks nothing where root makes it', async (t) => {
  const gdb = gdbFor(t);
  await gdb.python('print(1)');
  assert.deepEqual(gdb.session.missingParts(), []);
});

test('the cage of gdb has no network and no socket', async (t) => {
  const gdb = gdbFor(t);
  const tried = await gdb.python(
    attempts([
      'socket.socket(socket.AF_INET)',
      'socket.socket(socket.AF_UNIX)',
      'socket.socket(socket.AF_NETLINK)',
    ]),
  );
  assert.deepEqual(lines(tried), Array(3).fill(`OSError ${constants.errno.ENOSYS}`));
  const [network] = lines(await gdb.python("import os; print(os.readlink('/proc/self/ns/net'))"));
  assert.notEqual(network, execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim());
});

test('the cage of gdb holds nothing but the distribution and what it was given', async (t) => {
  const others = directory(t);
  writeFileSync(join(others, 'world-readable'), 'secret', { mode: 0o644 });
  const given = directory(t);
  writeFileSync(join(given, 'private'), 'secret', { mode: 0o600 });
  const gdb = gdbFor(t, { seen: [given] });
  const paths = [
    '/etc/shadow',
    '/etc/passwd',
    '/root',
    '/home',
    '/var',
    '/run',
    '/sys',
    '/proc/sys',
    '/proc/kmsg',
  ];
  const tried = await gdb.python(
    attempts([...paths, join(others, 'world-readable')].map((path) => `os.stat('${path}')`)),
  );
  assert.deepEqual(lines(tried), Array(paths.length + 1).fill(`FileNotFoundError ${constants.errno.ENOENT}`));
  const own = await gdb.python(attempts([`open('${join(given, 'private')}')`]));
  assert.deepEqual(lines(own), [`PermissionError ${constants.errno.EACCES}`]);
});

test('the cage of gdb writes no file, also not one that it inherits for reading', async (t) => {
  const given = directory(t);
  chmodSync(given, 0o777);
  const file = join(given, 'writable');
  writeFileSync(file, 'as it was');
  chmodSync(file, 0o666);
  const fd = openSync(file, 'r');
  t.after(() => closeSync(fd));
  const gdb = gdbFor(t, { seen: [given], descriptors: [fd] });
  const tried = await gdb.python(
    attempts([
      `open('${file}', 'w')`,
      `open('${join(given, 'new')}', 'w')`,
      `open('/proc/self/fd/5', 'r+')`,
      `os.mkdir('${join(given, 'directory')}')`,
      `os.unlink('${file}')`,
      `os.chmod('${file}', 0o777)`,
      `os.rename('${file}', '${file}2')`,
      `os.symlink('/', '${join(given, 'link')}')`,
    ]),
  );
  for (const line of lines(tried)) assert.match(line, /^OSError (30|38)$/);
  assert.equal(readFileSync(file, 'utf8'), 'as it was');
});

test('the cage of gdb sees, signals and traces nobody else', async (t) => {
  const gdb = gdbFor(t);
  const tried = await gdb.python(
    [
      'import ctypes, os',
      "print(sorted(name for name in os.listdir('/proc') if name.isdigit()))",
      attempts([`os.kill(${process.pid}, 0)`]),
    ].join('\n'),
  );
  assert.deepEqual(lines(tried), ["['1']", `ProcessLookupError ${constants.errno.ESRCH}`]);
});

test('the cage of gdb knows no system call that an attack on the kernel would begin with', async (t) => {
  // asm/unistd_64.h
  const calls = {
    ...{ ptrace: 101, process_vm_readv: 310, process_vm_writev: 311, keyctl: 250, add_key: 248, bpf: 321 },
    ...{ mount: 165, unshare: 272, setns: 308, clone3: 435, io_uring_setup: 425, perf_event_open: 298 },
    ...{ userfaultfd: 323, kexec_load: 246, init_module: 175, finit_module: 313, setuid: 105, chroot: 161 },
    ...{
      pidfd_getfd: 438,
      memfd_create: 319,
      setsid: 112,
      open_by_handle_at: 304,
      personality: 135,
      socket: 41,
    },
  };
  const gdb = gdbFor(t);
  const tried = await gdb.python(
    [
      'import ctypes',
      'libc = ctypes.CDLL(None, use_errno=True)',
      `for number in ${JSON.stringify(Object.values(calls))}:`,
      '  print(libc.syscall(number, 0, 0, 0, 0, 0, 0), ctypes.get_errno())',
    ].join('\n'),
  );
  const answers = lines(tried);
  for (const [index, name] of Object.keys(calls).entries())
    assert.equal(answers[index], `-1 ${constants.errno.ENOSYS}`, name);
});

test('the cage of gdb starts threads but no process', async (t) => {
  const tried = await gdbFor(t).python(
    attempts([
      'os.fork()',
      'subprocess.run(["/bin/true"])',
      'os.system("true") == 0 or (_ for _ in ()).throw(OSError(0))',
      'thread = threading.Thread(target=print); thread.start(); thread.join()',
    ]),
  );
  const { EPERM } = constants.errno;
  assert.deepEqual(lines(tried), [
    `PermissionError ${EPERM}`,
    `PermissionError ${EPERM}`,
    'OSError None',
    '',
    'done',
  ]);
});

test('nothing of a gdb in a cage is left when whoever started it is killed', async (t) => {
  const script = join(import.meta.dirname, 'hold-cage.ts');
  const { spawn } = await import('node:child_process');
  const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  const [first] = await holder.stdout.take(1).toArray();
  const inner = Number(String(first));
  assert.match(readFileSync(`/proc/${inner}/comm`, 'utf8'), /^gdb/);
  holder.kill('SIGKILL');
  // A pidfd would be told; /proc is asked until it is gone, and the test's own limit ends it.
  while (commOf(inner) === 'gdb') await new Promise((resolve) => setTimeout(resolve, 10));
});

/** Empty where there is no such process any more. */
function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

interface Shown {
  status: string;
  root: string;
  processes: number;
  lacks: string[];
}

/** What show-cage.ts prints with fewer rights. */
function shownWith(...setpriv: string[]): Shown {
  const script = join(import.meta.dirname, 'show-cage.ts');
  return JSON.parse(execFileSync('setpriv', [...setpriv, process.execPath, script], { encoding: 'utf8' }));
}

test('a cage without CAP_SYS_ADMIN, as in a container, says what it lacks, and is another user all the same', () => {
  const { status, lacks } = shownWith('--bounding-set=-sys_admin');
  const { uid } = cageUser();
  assert.equal(field(status, 'Uid'), Array(4).fill(uid).join('\t'));
  assert.match(field(status, 'CapPrm') ?? '', /^0+$/);
  assert.equal(field(status, 'Seccomp'), '2');
  assert.deepEqual(lacks, [
    'no network (unshare: EPERM)',
    'no shared memory or message queues (unshare: EPERM)',
    'no sight of other processes (unshare: EPERM)',
    'a file system of its own (unshare: EPERM)',
  ]);
});

test('a cage that cannot become another user runs nothing', () => {
  const shown = shownWith('--bounding-set=-setuid');
  assert.match(shown.status, /gdb could not be started: setresuid: EPERM/);
});

test("a cage that an ordinary user makes has that user's id and all the rest, where user namespaces are allowed", () => {
  const { status, root, processes, lacks } = shownWith('--reuid=61234', '--regid=61234', '--clear-groups');
  assert.deepEqual(lacks, []);
  assert.equal(field(status, 'Uid'), Array(4).fill(61_234).join('\t'));
  assert.match(field(status, 'CapPrm') ?? '', /^0+$/);
  assert.equal(processes, 1);
  assert.doesNotMatch(root, /home|root|var/);
});

test('cageUser() is usercrash where /etc/passwd has it, else a number that nobody has', (t) => {
  const path = directory(t);
  const [passwd, group] = [join(path, 'passwd'), join(path, 'group')];
  const write = (users: string, groups: string) => {
    writeFileSync(passwd, users);
    writeFileSync(group, groups);
  };
  write('root:x:0:0::/:/bin/sh\nusercrash:x:411:412::/:/bin/false\n', '');
  assert.deepEqual(cageUser({ passwd, group }), { uid: 411, gid: 412 });
  write('root:x:0:0::/:/bin/sh\n', 'root:x:0:\n');
  assert.deepEqual(cageUser({ passwd, group }), { uid: 65_529, gid: 65_529 });
  write('somebody:x:65529:100::/:/bin/sh\n', 'others:x:65528:\n');
  assert.deepEqual(cageUser({ passwd, group }), { uid: 65_527, gid: 65_527 });
  write('usercrash:x:0:0::/:/bin/sh\n', '');
  assert.deepEqual(cageUser({ passwd, group }), { uid: 65_529, gid: 65_529 });
});
