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
import { handoverProgram } from '../../client/handover/handover-program.ts';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { accept4 } from '../../linux/accept4.ts';
import { bind } from '../../linux/bind.ts';
import { listen } from '../../linux/listen.ts';
import { recvmsg } from '../../linux/recvmsg.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../linux/setsockopt.ts';
import { socket } from '../../linux/socket.ts';

const WORDS = ['11', '12', '1', '2', '1000', '100', '1', '11', '1763678157', '18446744073709551615'];

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
  options: { pidfd?: string; runDir?: string } = {},
): ChildProcess {
  const { pidfd = '' } = options;
  const words = [program, options.runDir ?? runDir, ...WORDS, pidfd];
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
  assert.ok(readFileSync(program).length < 2048);
});

test('handover program: is what handover.s says', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-handover.ts');
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

test('handover program: becomes a client after a second where the resident client never answers', async (t) => {
  const place = setting(t);
  listenAsResident(t, place);
  const before = performance.now();
  assert.equal(await exitCode(start(place)), 0);
  assert.ok(performance.now() - before > 900);
  assert.ok(existsSync(place.called));
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
