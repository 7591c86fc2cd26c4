import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readFileSync, write, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Published, readPublished } from '../machine/collecting.ts';
import { pidfdOpen } from '../pidfd-open.ts';
import type { TestServer } from '../server/test-server.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');
const writeSome = promisify(write);

/** A crash that the kernel might tell of. */
export interface FedCrash {
  pid: number;
  /** Comes through a pipe, then the pipe's end. */
  stream: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** The pipe stays open when the stream has come. */
  isHeldOpen?: boolean;
  /** The process of the pidfd; that of `pid` where it is not told, none where null, as with kernels before 6.16. */
  pidfdOf?: number | null;
  /** Its report is not waited for. */
  isDeferred?: boolean;
  /** A command that starts the client's. */
  under?: readonly string[];
  /** Seconds since the epoch; now where it is not told. */
  time?: number;
}

/** What became of it. */
export interface Fed {
  exitCode: number | null;
  tookMs: number;
  /** Most memory that the client had at a time: VmHWM in proc_pid_status(5). */
  peakKib: number;
  /** Null where there was no report. */
  published: Published | null;
}

/** A client must never hold more. */
export const MAX_CLIENT_KIB = 256 * 1024;

/** Where the kernel puts it as well. */
const PIDFD = 3;

let fed = 0;

/**
 * Starts the built client as the kernel does, with the arguments of core_pattern and a pipe as its stdin, and waits until
 * it has ended.
 *
 * @param limitMs After so long it is killed: then its exit code is null.
 */
export async function feedClient(server: TestServer, crash: FedCrash, limitMs = 60_000): Promise<Fed> {
  if (!existsSync(CLIENT)) throw new Error('dist/ is not built: npm run build');
  fed += 1;
  const base = join(server.stateDir, `../fed-${fed}`);
  execFileSync('mkfifo', [base]);
  // The kernel's pipe blocks, so must ours: the reading end is opened anew, without O_NONBLOCK, once there is a writer.
  const first = openSync(base, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(base, 'w');
  const reader = openSync(base, 'r');
  closeSync(first);
  // Opened at the start: at its end the client may not write there any more.
  const open = `const fs = require('node:fs'); const told = fs.openSync('${base}.status', 'w');`;
  const tell = `${open} process.on('exit', () => fs.writeSync(told, fs.readFileSync('/proc/self/status')));`;
  writeFileSync(`${base}.cjs`, tell);
  const logged = server.log.length;
  const started = performance.now();
  const { pid, pidfdOf = existsSync(`/proc/${pid}`) ? pid : null } = crash;
  const pidfd = pidfdOf === null ? null : pidfdOpen(pidfdOf);
  const words = wordsOf(server.runDir, crash, pidfd === null ? '' : String(PIDFD));
  const [program = CLIENT, ...before] = [...(crash.under ?? []), CLIENT];
  const child = spawn(program, [...before, ...words], {
    stdio: [reader, 'ignore', 'ignore', pidfd ?? 'ignore'],
    env: { NODE_OPTIONS: `--require=${base}.cjs` },
  });
  closeSync(reader);
  if (pidfd !== null) closeSync(pidfd);
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await pour(writer, crash.stream);
  if (!crash.isHeldOpen) closeSync(writer);
  await ended;
  if (crash.isHeldOpen) closeSync(writer);
  clearTimeout(timer);
  const tookMs = performance.now() - started;
  const status = existsSync(`${base}.status`) ? readFileSync(`${base}.status`, 'latin1') : '';
  return {
    exitCode: child.exitCode,
    tookMs,
    peakKib: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN),
    published:
      child.exitCode === 0 && !crash.isDeferred ? await publishedOf(server, crash.pid, logged) : null,
  };
}

function wordsOf(
  runDir: string,
  { pid, time = Math.floor(Date.now() / 1000) }: FedCrash,
  pidfd: string,
): string[] {
  const ids = [pid, pid, pid, pid, 0, 0].map(String);
  return [runDir, ...ids, '1', '11', String(time), '18446744073709551615', pidfd];
}

/** Writes all of it, as far as somebody reads. */
async function pour(fd: number, stream: FedCrash['stream']): Promise<void> {
  try {
    for await (const part of stream) {
      for (let at = 0; at < part.length; ) at += (await writeSome(fd, part, at)).bytesWritten;
    }
  } catch (error) {
    const isRead = error instanceof Error && 'code' in error && error.code === 'EPIPE';
    if (!isRead) throw error;
  }
}

/** The report is there before the client ends; the line that tells of it may come a moment later. */
async function publishedOf(server: TestServer, pid: number, since: number): Promise<Published> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const line = server.log
      .slice(since)
      .find((text) => text.includes('report-published') && text.includes(`-${pid}-`));
    const path = /path=(\S+)/.exec(line ?? '')?.[1];
    if (path !== undefined) return readPublished(path);
    if (Date.now() > deadline) throw new Error(`no report of ${pid}:\n${server.log.slice(since).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
