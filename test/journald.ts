import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncJournal } from '../analysis/sync-journal.ts';
import { connect } from '../linux/connect.ts';
import { sendDatagram } from '../linux/dgram-send.ts';
import { tryLock } from '../linux/flock.ts';
import { socket } from '../linux/socket.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** Where Debian 11 and Ubuntu have it, and where everybody else. */
const PROGRAMS = ['/lib/systemd/systemd-journald', '/usr/lib/systemd/systemd-journald'];
const RUN_DIRECTORY = '/run/systemd/journal';
const LOCK = '/run/lock/usercrash-test-journald';
/** A busy machine may take a second; after this it will not come any more. */
const START_MS = 10_000;

/** Where a journald takes entries, in its native protocol. */
export interface Journald {
  socketPath: string;
}

/**
 * Makes sure that a real journald writes this machine's journal. Where systemd runs there is one. Elsewhere the first
 * test to come starts one, under a lock as test files run side by side, and it is left running: the tests that come
 * later and the next run use it, it ends with the machine or its container, or by SIGTERM.
 *
 * @throws {Error} If it cannot be started (not root, no systemd package); the message holds what journald said.
 */
export async function ensureJournald(_t: TestContext): Promise<Journald> {
  const socketPath = `${RUN_DIRECTORY}/socket`;
  if (listens(socketPath)) return { socketPath };
  mkdirSync('/run/lock', { recursive: true });
  const lock = openSync(LOCK, 'a', 0o600);
  try {
    while (!tryLock(lock)) await sleep(20);
    if (!listens(socketPath)) {
      mkdirSync(RUN_DIRECTORY, { recursive: true });
      await start([journaldProgram()], socketPath);
    }
  } finally {
    closeSync(lock);
  }
  return { socketPath };
}

/** A journald of one test's own. */
export interface PrivateJournald extends Journald {
  pid: number;
  /** Its journal namespace; nobody else writes there. */
  namespace: string;
  /** Its journal files lie here. */
  directory: string;
  /** Everything written so far can be read when this returns. */
  sync(): Promise<void>;
  /** Has it archive its file and begin a new one, as it does by itself when that is full: systemd-journald(8), SIGUSR2. */
  rotate(): void;
}

/**
 * Starts a real journald for a namespace that nobody else uses: besides what it says of its own start it has only the
 * entries that the test writes. Its files are there when this returns. It ends with the test and its files go.
 *
 * @param t The test, or the file's `after` hook.
 * @param bootId Has it believe that this is another boot: what it writes is of that one. 32 hex digits.
 */
export async function startPrivateJournald(
  t: { after(fn: () => void | Promise<void>): void },
  { bootId = null }: { bootId?: string | null } = {},
): Promise<PrivateJournald> {
  const namespace = `usercrash-test-${randomBytes(6).toString('hex')}`;
  const runDirectory = `${RUN_DIRECTORY}.${namespace}`;
  const machineId = readFileSync('/etc/machine-id', 'latin1').trim();
  const directory = `/run/log/journal/${machineId}.${namespace}`;
  mkdirSync(runDirectory, { recursive: true });
  const socketPath = `${runDirectory}/socket`;
  const configuration = `/run/systemd/journald@${namespace}.conf.d`;
  mkdirSync(configuration, { recursive: true });
  // In memory, so that the files lie where we say also on a machine that keeps its journal.
  writeFileSync(`${configuration}/test.conf`, '[Journal]\nStorage=volatile\nRateLimitBurst=0\n');
  const remove = () => {
    for (const path of [runDirectory, directory, configuration])
      rmSync(path, { recursive: true, force: true });
  };
  const sync = () => synchronize(`${runDirectory}/io.systemd.journal`);
  let pid = 0;
  let rotate = (): void => undefined;
  try {
    const program = [...ENDS_WITH_US, ...(bootId === null ? [] : inBoot(bootId, configuration))];
    const journald = await start([...program, journaldProgram(), namespace], socketPath);
    pid = journald.pid ?? 0;
    rotate = () => void journald.kill('SIGUSR2');
    t.after(async () => {
      const runs = journald.exitCode === null && journald.signalCode === null;
      const ended = runs ? new Promise((resolve) => journald.once('exit', resolve)) : null;
      // The wait for its end has to keep us running, as long as that takes.
      journald.ref();
      journald.kill('SIGTERM');
      await ended;
      remove();
    });
  } catch (error) {
    remove();
    throw error;
  }
  // It takes datagrams before it has made its files, and a reader that opens a namespace without files never learns
  // of them. It answers calls when it has made them: server_init() in systemd's journald-server.c.
  await sync();
  return { pid, namespace, directory, socketPath, sync, rotate };
}

/** The fields of an entry: text, bytes, or several values of one field. */
export type EntryFields = Record<string, string | Uint8Array | readonly string[]>;

/**
 * Writes an entry as a program would: systemd's "Native Journal Protocol". Every value goes in the binary form, as
 * it may hold newlines.
 */
export function writeEntry(journald: Journald, fields: EntryFields): void {
  const parts: Buffer[] = [];
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(bytes.length));
      parts.push(Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n'));
    }
  }
  const datagram = Buffer.concat(parts);
  for (;;) {
    try {
      sendDatagram(journald.socketPath, datagram);
      return;
    } catch (error) {
      // Its queue is full (net.unix.max_dgram_qlen): it needs the processor for a moment.
      if (!hasErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** A word that no other entry has. */
export function uniqueWord(): string {
  return `t${randomBytes(9).toString('hex')}`;
}

function listens(socketPath: string): boolean {
  const fd = socket('dgram', { nonBlocking: true });
  try {
    connect(fd, socketPath);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ECONNREFUSED')) return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** What a test that is killed leaves behind must not be a process: setpriv(1). */
const ENDS_WITH_US = ['setpriv', '--pdeathsig', 'TERM'];

/** Begins a command that sees another boot_id in /proc: in a mount namespace of its own, by a file in `directory`. */
function inBoot(bootId: string, directory: string): string[] {
  const file = `${directory}/boot_id`;
  writeFileSync(file, `${bootId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}\n`);
  const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, file];
}

function journaldProgram(): string {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (program === undefined) throw new Error(`no systemd-journald here: ${PROGRAMS.join(', ')}`);
  return program;
}

async function synchronize(socketPath: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const result = await syncJournal({ socketPath, timeoutMs: START_MS });
    if (result.done) return;
    if (performance.now() > deadline) throw new Error(`journald does not synchronise: ${result.reason}`);
    await sleep(10);
  }
}

async function start([program = '', ...args]: string[], socketPath: string) {
  const log = `/run/lock/usercrash-test-journald-${process.pid}.log`;
  const output = openSync(log, 'w', 0o600);
  // A session of its own: Ctrl-C in the terminal of the tests does not reach it.
  const journald = spawn(program, args, { detached: true, stdio: ['ignore', output, output] });
  journald.unref();
  closeSync(output);
  const failed = new Promise<string>((resolve) => {
    journald.once('error', (error) => resolve(error.message));
    journald.once('exit', (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  const deadline = performance.now() + START_MS;
  try {
    while (!listens(socketPath)) {
      const end = await Promise.race([failed, sleep(10)]);
      if (end === undefined && performance.now() < deadline) continue;
      journald.kill('SIGKILL');
      throw new Error(`${program} ${args.join(' ')}: ${end ?? 'too slow'}: ${readFileSync(log, 'utf8')}`);
    }
  } finally {
    rmSync(log, { force: true });
  }
  return journald;
}
