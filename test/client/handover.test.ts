import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { handoverProgram } from '../../client/handover/handover-program.ts';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { accept4 } from '../../linux/accept4.ts';
import { bind } from '../../linux/bind.ts';
import { tryLock } from '../../linux/flock.ts';
import { listen } from '../../linux/listen.ts';
import { recvmsg } from '../../linux/recvmsg.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../linux/setsockopt.ts';
import { socket } from '../../linux/socket.ts';

const UNLIMITED = '18446744073709551615';
const WORDS = ['11', '12', '1', '2', '1000', '100', '1', '11', '1763678157', UNLIMITED];

interface Setting {
  runDir: string;
  program: string;
  /** What the client, a shell script here, leaves when it is called. */
  called: string;
  pipe: string;
}

/** The program, a stand-in for the client, and a file in the place of the core's pipe. */
function setting(t: TestContext): Setting {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-handover-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const runDir = join(directory, 'run');
  mkdirSync(runDir);
  const called = join(directory, 'called');
  const client = join(directory, 'client');
  const script = `#!/bin/sh\n{ printf '%s\\n' "$@"; cat; ls -l /proc/$$/fd; } > ${called}.new\nmv ${called}.new ${called}\n`;
  writeFileSync(client, script, { mode: 0o755 });
  const program = join(directory, 'handover');
  writeFileSync(program, handoverProgram(client), { mode: 0o755 });
  const pipe = join(directory, 'pipe');
  writeFileSync(pipe, 'the core\n');
  return { runDir, program, called, pipe };
}

/** Starts it as the kernel does: 0 is the pipe, 1 and 2 are closed, nothing in the environment. */
function start(
  { program, runDir, pipe }: Setting,
  options: { pidfd?: string; runDir?: string; limit?: string; mark?: string; user?: number } = {},
): ChildProcess {
  const { pidfd = '', limit = UNLIMITED, mark, user = 1000 } = options;
  const values = [...WORDS.slice(0, 4), `${user}`, ...WORDS.slice(5, -1), limit, pidfd];
  if (mark !== undefined) values.push(mark);
  const words = [program, options.runDir ?? runDir, ...values];
  const command = `exec "$@" ${pidfd === '' ? '' : '3</proc/self/stat'} >&- 2>&-`;
  const input = openSync(pipe, 'r');
  const child = spawn('/bin/sh', ['-c', command, 'sh', ...words], {
    stdio: [input, 'ignore', 'ignore'],
    env: {},
  });
  closeSync(input);
  return child;
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
}

/** A listening socket in the place of the resident client's. */
function listenAsResident(t: TestContext, { runDir }: Setting): number {
  const listener = socket('seqpacket', { nonBlocking: false });
  bind(listener, join(runDir, RESIDENT_SOCKET));
  listen(listener, 8);
  setSocketTimeout(listener, 5_000);
  t.after(() => closeSync(listener));
  return listener;
}

test('handover program: is a well-formed static program without a writable part', (t) => {
  const { program } = setting(t);
  const headers = execFileSync('readelf', ['-hlW', program], { encoding: 'utf8' });
  assert.match(headers, /EXEC \(Executable file\)/);
  assert.match(headers, /LOAD .* R E 0x1000/);
  assert.match(headers, /GNU_STACK .* RW /);
  assert.doesNotMatch(headers, /INTERP|DYNAMIC|RWE/);
  assert.ok(readFileSync(program).length < 4096, 'it is more than a page');
});

test('handover program: is what handover.s says', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-assembled.ts');
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});

test('handover program: passes arguments, pipe and pidfd to the resident client, and ends when that has let go', async (t) => {
  const place = setting(t);
  const listener = listenAsResident(t, place);
  const child = start(place, { pidfd: '3' });
  const ended = exitCode(child);
  const fd = accept4(listener, { nonBlocking: false });
  const message = recvmsg(fd, 4096);
  assert.deepEqual(message?.body.toString().split('\0'), [place.runDir, ...WORDS, '3', '']);
  const [pipe = -1, pidfd = -1, ...others] = message.descriptors;
  assert.deepEqual(others, []);
  const bytes = Buffer.alloc(100);
  assert.equal(bytes.toString('utf8', 0, readSync(pipe, bytes)), 'the core\n');
  assert.match(bytes.toString('utf8', 0, readSync(pidfd, bytes)), /^\d+ \(/);
  sendmsg(fd, Buffer.from('A'));
  sendmsg(fd, Buffer.from('R'));
  assert.equal(await ended, 0);
  assert.equal(existsSync(place.called), false);
  for (const descriptor of [fd, pipe, pidfd]) closeSync(descriptor);
});

for (const [mark, limit, isStarted] of [
  ['f', '0', false],
  ['f', '4095', false],
  ['f', '4096', true],
  ['f', UNLIMITED, true],
  ['p', '0', true],
] as const) {
  test(`handover program: mark ${mark} and RLIMIT_CORE ${limit} start ${isStarted ? 'the default handler' : 'nothing'}`, async (t) => {
    const place = setting(t);
    const listener = listenAsResident(t, place);
    const child = start(place, { pidfd: '3', limit, mark });
    const ended = exitCode(child);
    const fd = accept4(listener, { nonBlocking: false });
    const message = recvmsg(fd, 4096);
    const values = [...WORDS.slice(0, -1), limit, '3'];
    assert.deepEqual(message?.body.toString().split('\0'), [place.runDir, ...values, mark, '']);
    assert.equal(message.descriptors.length, 2);
    for (const descriptor of message.descriptors) closeSync(descriptor);
    for (const answer of ['A', 'R']) sendmsg(fd, Buffer.from(answer));
    assert.equal(await ended, 0);
    closeSync(fd);
    assert.equal(existsSync(place.called), isStarted);
    if (!isStarted) return;
    const words = readFileSync(place.called, 'utf8')
      .split('\n')
      .slice(0, values.length + 2);
    assert.deepEqual(words, [place.runDir, '--default-handler', ...values]);
  });
}

/** Every way in which there is no resident client that takes the crash to its end. */
const FALLBACKS: [what: string, resident: ((fd: number) => void) | null, options?: { runDir?: string }][] = [
  ['there is no resident client', null],
  ['the run directory does not exist', null, { runDir: '/nonexistent' }],
  ['the run directory is too long for a socket', null, { runDir: `/${'a'.repeat(200)}` }],
  ['the resident client closes at once', () => undefined],
  ['the resident client says something else', (fd) => sendmsg(fd, Buffer.from('X'))],
  ['the resident client says too much', (fd) => sendmsg(fd, Buffer.from('AA'))],
  ['the resident client dies after it took the crash', (fd) => sendmsg(fd, Buffer.from('A'))],
];

for (const [what, resident, options] of FALLBACKS) {
  test(`handover program: becomes a client where ${what}`, async (t) => {
    const place = setting(t);
    const listener = resident === null ? null : listenAsResident(t, place);
    const child = start(place, options);
    const ended = exitCode(child);
    if (listener !== null && resident !== null) {
      const fd = accept4(listener, { nonBlocking: false });
      const message = recvmsg(fd, 4096);
      for (const descriptor of message?.descriptors ?? []) closeSync(descriptor);
      resident(fd);
      closeSync(fd);
    }
    assert.equal(await ended, 0);
    const called = readFileSync(place.called, 'utf8');
    assert.ok(
      called.startsWith(`${[options?.runDir ?? place.runDir, ...WORDS, ''].join('\n')}\nthe core\n`),
      called,
    );
    assert.doesNotMatch(called, /socket:/, 'the client inherits the socket');
  });
}

test('handover program: becomes a client after ten seconds where the resident client never answers', async (t) => {
  const place = setting(t);
  listenAsResident(t, place);
  const before = performance.now();
  assert.equal(await exitCode(start(place)), 0);
  assert.ok(performance.now() - before > 9_900);
  assert.ok(existsSync(place.called));
});

/** flock(2), or fcntl(2) with F_OFD_SETLKW: proc_pid_syscall(5). */
const WAITS_FOR_PLACE = /^(?:73 |72 0x\w+ 0x26 )/;

/** Where the process with this id is, by the third field of its stat: proc_pid_stat(5). */
async function inState(pid: number, wanted: string): Promise<void> {
  while (!readFileSync(`/proc/${pid}/stat`, 'latin1').includes(`) ${wanted} `)) await sleep(1);
}

for (const answers of [[], ['A']]) {
  test(`handover program: waits on after it was stopped or frozen, having heard ${answers.length} answers`, async (t) => {
    const place = setting(t);
    const listener = listenAsResident(t, place);
    const child = start(place);
    const ended = exitCode(child);
    const { pid } = child;
    assert.ok(pid !== undefined);
    const fd = accept4(listener, { nonBlocking: false });
    t.after(() => closeSync(fd));
    for (const descriptor of recvmsg(fd, 4096)?.descriptors ?? []) closeSync(descriptor);
    for (const answer of answers) sendmsg(fd, Buffer.from(answer));
    await inState(pid, 'S');
    process.kill(pid, 'SIGSTOP');
    await inState(pid, 'T');
    process.kill(pid, 'SIGCONT');
    await inState(pid, 'S');
    for (const answer of ['A', 'R'].slice(answers.length)) sendmsg(fd, Buffer.from(answer));
    assert.equal(await ended, 0);
    assert.equal(existsSync(place.called), false, 'a second client reads the same pipe');
  });
}

/**
 * The resident client answers between the end of the wait and the start of the ordinary client: gdb holds the handover
 * program at the system call, the only way to be there for certain.
 */
for (const [call, taker] of [
  ['shutdown', 'the resident client'],
  ['execve', 'the ordinary client'],
] as const) {
  test(`handover program: ${taker} alone has a crash that is accepted late, at ${call}`, async (t) => {
    const place = setting(t);
    const listener = listenAsResident(t, place);
    const held = join(place.runDir, 'held');
    const go = join(place.runDir, 'go');
    // Ends with the test's directory too.
    const hold = `shell touch ${held}; while [ -e ${held} ] && [ ! -e ${go} ]; do sleep 0.01; done`;
    const commands = ['starti', `catch syscall ${call}`, 'continue', hold, 'delete', 'continue'];
    const words = [place.program, place.runDir, ...WORDS, ''];
    const debugger_ = spawn(
      'gdb',
      ['-nx', '-batch', ...commands.flatMap((c) => ['-ex', c]), '--args', ...words],
      {
        stdio: ['ignore', 'ignore', 'ignore'],
      },
    );
    const ended = exitCode(debugger_);
    const fd = accept4(listener, { nonBlocking: false });
    t.after(() => closeSync(fd));
    for (const descriptor of recvmsg(fd, 4096)?.descriptors ?? []) closeSync(descriptor);
    while (!existsSync(held)) {
      assert.equal(debugger_.exitCode, null, 'it never came to the system call');
      await sleep(5);
    }
    const accept = () => sendmsg(fd, Buffer.from('A'));
    if (call === 'shutdown') accept();
    else assert.throws(accept, { code: 'EPIPE' });
    writeFileSync(go, '');
    await ended;
    assert.equal(existsSync(place.called), call === 'execve');
  });
}

/** Of how many users the 64 crashes are, each of as many as the others; the last of them is nobody's: (uid_t) -1. */
for (const [users, most] of [
  [1, 8],
  [4, 16],
  [64, 16],
] as const) {
  test(`handover program: of 64 that become clients at once ${most} do, of ${users} users, and all in the end`, async (t) => {
    const place = setting(t);
    const running = join(place.runDir, 'running');
    mkdirSync(running);
    const counts = join(place.runDir, 'counts');
    const gate = join(place.runDir, 'gate');
    // Each is there under its own name, and stays until the gate is opened.
    const script = `#!/bin/sh\n: >${running}/$$\nls ${running} | wc -l >>${counts}\nwhile [ ! -e ${gate} ]; do sleep 0.02; done\nrm ${running}/$$\n`;
    writeFileSync(join(place.program, '../client'), script, { mode: 0o755 });
    const children = Array.from({ length: 64 }, (_, at) =>
      start(place, { user: 2 ** 32 - 1 - (at % users) }),
    );
    const codes = children.map(exitCode);
    const waits = (pid: number | undefined) =>
      readFileSync(`/proc/${pid}/comm`, 'latin1') === 'handover\n' &&
      WAITS_FOR_PLACE.test(readFileSync(`/proc/${pid}/syscall`, 'latin1'));
    const isClient = (pid: number | undefined) => existsSync(join(running, `${pid}`));
    while (!children.every(({ pid }) => isClient(pid) || waits(pid))) await sleep(20);
    assert.equal(children.filter(({ pid }) => isClient(pid)).length, most);
    writeFileSync(gate, '');
    assert.deepEqual(await Promise.all(codes), Array(64).fill(0));
    const all = readFileSync(counts, 'latin1').trim().split('\n').map(Number);
    assert.equal(all.length, 64);
    assert.ok(Math.max(...all) <= most, all.join(' '));
  });
}

test('handover program: the user whose places are all taken waits for one, and no other does', async (t) => {
  const place = setting(t);
  const children = [];
  const ids = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1001, 999, 0];
  const isThere = join(place.runDir, 'is-there');
  const gate = join(place.runDir, 'gate');
  const script = `#!/bin/sh\n[ $6 = 1000 ] || exit 0\necho >>${isThere}\nwhile [ ! -e ${gate} ]; do sleep 0.02; done\n`;
  writeFileSync(join(place.program, '../client'), script, { mode: 0o755 });
  for (const user of ids.slice(0, 9)) children.push(exitCode(start(place, { user })));
  while (!existsSync(isThere) || readFileSync(isThere).length < 8) await sleep(20);
  for (const user of ids.slice(9)) assert.equal(await exitCode(start(place, { user })), 0);
  assert.equal(readFileSync(isThere).length, 8);
  writeFileSync(gate, '');
  assert.deepEqual(await Promise.all(children), Array(9).fill(0));
  assert.equal(readFileSync(isThere).length, 9);
});

test('handover program: core files that are never done hold no client, and another one finds a place', async (t) => {
  const place = setting(t);
  const take = (letters: string) => {
    for (const letter of letters) {
      const fd = openSync(join(place.runDir, `place.${letter}`), 'w');
      t.after(() => closeSync(fd));
      assert.ok(tryLock(fd));
    }
  };
  take('ABCDEFGHIJKLMNO');
  assert.equal(await exitCode(start(place)), 0);
  rmSync(place.called);
  take('abcdefghijklmnop');
  const listener = listenAsResident(t, place);
  const ended = exitCode(start(place, { mark: 'p' }));
  const fd = accept4(listener, { nonBlocking: false });
  for (const descriptor of recvmsg(fd, 4096)?.descriptors ?? []) closeSync(descriptor);
  for (const answer of ['A', 'R']) sendmsg(fd, Buffer.from(answer));
  closeSync(fd);
  assert.equal(await ended, 0);
  assert.match(readFileSync(place.called, 'utf8'), /--default-handler/);
});

test('handover program: ends with 1 where there is no client either', async (t) => {
  const place = setting(t);
  writeFileSync(place.program, handoverProgram('/nonexistent/client'), { mode: 0o755 });
  assert.equal(await exitCode(start(place)), 1);
});

test('handoverProgram() refuses what is no path', () => {
  assert.throws(() => handoverProgram('client'), { code: 'E_HANDOVER' });
  assert.throws(() => handoverProgram(`/${'a'.repeat(5000)}`), { code: 'E_HANDOVER' });
});
