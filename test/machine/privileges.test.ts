import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { corePatternFor } from '../../protocol/core-pattern.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { traceCalls } from './as-root-calls.ts';
import { run, startCollecting, until } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';
import { compile } from './programs.ts';
import { processWith, residentOf } from './resident-client.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');

/** A line of a process's or thread's status in /proc. */
type StatusField = (name: string) => string | undefined;

function statusOf(path: string): StatusField {
  const status = readFileSync(`/proc/${path}/status`, 'latin1');
  return (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1];
}

/** What threads may that have put root's rights down, and can take them back. */
function assertLowered(pid: number): void {
  const { uid, gid } = cageUser();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const field = statusOf(`${pid}/task/${task}`);
    assert.equal(field('Uid'), [0, uid, 0, uid].join('\t'), field('Name'));
    assert.equal(field('Gid'), [0, gid, 0, gid].join('\t'));
    assert.equal(field('Groups')?.trim(), '');
    assert.match(field('CapEff') ?? '', /^0+$/);
    assert.equal(field('NoNewPrivs'), '1');
    assert.equal(field('Seccomp'), '2', 'it has no filter of system calls');
  }
  assert.equal(statSync(`/proc/${pid}/mem`).uid, 0, 'it is dumpable');
}

/** The same at some moment: who is looked at while it opens something has its rights just then. */
async function untilLowered(pid: () => number): Promise<void> {
  let failed: unknown = null;
  const isLowered = () => {
    try {
      assertLowered(pid());
      return true;
    } catch (error) {
      failed = error;
      return false;
    }
  };
  await until('its rights are down', isLowered).catch((error: unknown) => {
    throw failed ?? error;
  });
}

/** As /proc/PID/status says it. */
function assertUnprivileged(pid: number): void {
  const field = statusOf(`${pid}`);
  const { uid, gid } = cageUser();
  assert.equal(field('Uid'), Array(4).fill(uid).join('\t'));
  assert.equal(field('Gid'), Array(4).fill(gid).join('\t'));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(field(set) ?? '', /^0+$/, set);
  assert.equal(field('NoNewPrivs'), '1');
  // What is not dumpable belongs to root in /proc, and nobody else may look into it: proc(5).
  assert.equal(statSync(`/proc/${pid}/mem`).uid, 0);
}

test('a crash is analysed by a process that is not root any more', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const { pid } = await run(program);
  const [analyser = 0] = await gdb.started(1);
  assertUnprivileged(analyser);
  gdb.open();
  await collecting.published(pid);
});

test('a crash that had to wait is analysed by a process that is not root any more', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const first = await run(program);
  const [one = 0] = await gdb.started(1);
  process.kill(one, 'SIGKILL');
  const [, two = 0] = await gdb.started(2);
  assertUnprivileged(two);
  gdb.open();
  await collecting.published(first.pid);
});

/** The client of one run directory whose next word is this one; 0 where there is none. */
function clientOf(runDir: string, word: string): number {
  return processWith(`usercrash-client\0${runDir}\0${word}\0`);
}

/** Everything that is done with root's rights while a crash is captured, stored and handed to whoever analyses it. */
const AS_ROOT = new Set(
  [
    'openat',
    'read',
    'close',
    'readlink',
    'getdents64',
    'newfstatat',
    'fstat',
    'statx',
    'socket',
    'setsockopt',
    'connect',
  ]
    // A program is started, and killed where it should have ended; memory allocated, another thread waited for.
    .concat([
      'clone',
      'clone3',
      'vfork',
      'pipe2',
      'socketpair',
      'fcntl',
      'rt_sigprocmask',
      'epoll_ctl',
      'write',
      'poll',
      'kill',
      'ioctl',
    ])
    .concat([
      'mmap',
      'munmap',
      'mprotect',
      'madvise',
      'brk',
      'mremap',
      'futex',
      'sched_yield',
      'getpid',
      'wait4',
    ]),
);

for (const mode of ['pipe', 'socket']) {
  test(`a running client looks at a crash without root's rights, which open things and no more, by ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const { runDir, stateDir } = collecting.directories;
    const resident = await residentOf(collecting);
    await untilLowered(() => resident);
    const program = compile('nested', join(stateDir, 'nested'));
    const ended = await traceCalls(t, resident, stateDir);
    const { pid } = await run(program);
    await collecting.published(pid);
    const calls = await ended();
    await untilLowered(() => resident);
    const asRoot = calls.filter(({ isRoot }) => isRoot);
    for (const { name, args } of asRoot) assert.ok(AS_ROOT.has(name), `${name}(${args}`);
    const paths = asRoot
      .filter(({ name }) => name === 'openat')
      .map(({ args }) => /"(.*?)"/.exec(args)?.[1] ?? '');
    for (const path of paths) {
      assert.ok(/^\/proc\/(?:\d+|self\/fd\/\d+$)/.test(path) || path === join(runDir, 'settings.json'), path);
    }
    assert.ok(paths.includes(`/proc/${pid}/mem`));
    // Its memory is read, and what comes of it is stored, by nobody in particular.
    for (const name of ['pread64', 'recvmsg', 'sendmsg', 'pwrite64']) {
      assert.ok(
        calls.some((call) => call.name === name),
        name,
      );
      assert.ok(!asRoot.some((call) => call.name === name), name);
    }
  });
}

test("a client that the kernel starts puts down root's rights when the process is let go", async (t) => {
  const collecting = await startCollecting(t);
  const { runDir, stateDir } = collecting.directories;
  const { corePipeLimit } = readCoreSysctls();
  writeCoreSysctls({ corePattern: corePatternFor(CLIENT, runDir), corePipeLimit });
  const server = collecting.server.process;
  server.kill('SIGSTOP');
  try {
    const { pid } = await run(compile('nested', join(stateDir, 'nested')));
    // It waits for the server's word before it looks at anything.
    const isWaiting = (client: number) =>
      client !== 0 && readFileSync(`/proc/${client}/wchan`, 'latin1').includes('skb');
    await until('it waits for the server', () => isWaiting(clientOf(runDir, `${pid}`)));
    assertLowered(clientOf(runDir, `${pid}`));
    server.kill('SIGCONT');
    await collecting.published(pid);
  } finally {
    server.kill('SIGCONT');
  }
});

test("a process that waits for a crash to analyse has put down root's rights", async (t) => {
  const collecting = await startCollecting(t);
  const { runDir } = collecting.directories;
  await untilLowered(() => clientOf(runDir, '--analyse'));
});

test('the server keeps of its capabilities those that it uses', async (t) => {
  const { process: server } = await startTestServer(t, testDirectories(t));
  for (const task of readdirSync(`/proc/${server.pid}/task`)) {
    const field = statusOf(`${server.pid}/task/${task}`);
    if (/^(?:V8|Delayed|Signal)/.test(field('Name') ?? '')) continue;
    // CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, KILL, NET_ADMIN, SYS_PTRACE, SYS_RESOURCE, SYSLOG: linux/capability.h
    assert.equal(BigInt(`0x${field('CapEff')}`) & ~0x4_0108_102fn, 0n, field('Name'));
  }
});
