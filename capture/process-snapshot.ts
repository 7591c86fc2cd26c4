import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { MAX_DESCRIPTORS, type OpenDescriptor, type ProcessSnapshot } from './captured.ts';

/** Largest file of /proc that is taken: 65,530 mappings of ordinary length are 6 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Command line and environment: what the record keeps of them, and some more. */
const MAX_STRINGS_BYTES = 512 * 1024;
const FIRST_READ_BYTES = 16 * 1024;
const LATER_READ_BYTES = 256 * 1024;
/** Threads whose names are read; each costs three system calls. */
const MAX_THREAD_NAMES = 4096;

/** One buffer for all small files: what is kept is copied out of it. */
const shared = Buffer.allocUnsafeSlow(FIRST_READ_BYTES);

/**
 * Takes what /proc says about a process, as bytes: interpreting them can wait until it is let go. Every item stands
 * alone; what cannot be read is null and has its reason in `failures`.
 *
 * @param pid In the initial pid namespace.
 * @param tid The thread whose kernel stack is wanted.
 * @param threads All threads, for their names.
 */
export function takeProcessSnapshot(pid: number, tid: number, threads: readonly number[]): ProcessSnapshot {
  const failures = new Map<string, string>();
  const directory = `/proc/${pid}`;
  const attempt = <T>(item: string, take: () => T): T | null => {
    try {
      return take();
    } catch (error) {
      failures.set(item, messageOf(error));
      return null;
    }
  };
  const file = (item: string, most = MAX_BYTES, path = `${directory}/${item}`) =>
    attempt(item, () => readWhole(path, most));
  const link = (item: string) => attempt(item, () => readlinkSync(`${directory}/${item}`, 'buffer'));
  const stat = file('stat');
  const names = attempt('fd', () => readdirSync(`${directory}/fd`));
  const parent = stat === null ? null : parentOf(stat);
  return {
    pid,
    threadNames: threadNames(directory, threads),
    stat,
    status: file('status'),
    cmdline: file('cmdline', MAX_STRINGS_BYTES),
    environ: file('environ', MAX_STRINGS_BYTES),
    limits: file('limits'),
    cgroup: file('cgroup'),
    mountinfo: file('mountinfo'),
    maps: file('maps'),
    kernelStack: file('kernelStack', MAX_BYTES, `${directory}/task/${tid}/stack`),
    exe: link('exe'),
    cwd: link('cwd'),
    root: link('root'),
    parentComm: parent === null ? null : readOrNull(`/proc/${parent}/comm`),
    descriptors: names === null ? [] : descriptorsOf(directory, names),
    descriptorCount: names?.length ?? null,
    failures,
  };
}

function threadNames(directory: string, threads: readonly number[]): Map<number, Buffer> {
  const names = new Map<number, Buffer>();
  for (const tid of threads.slice(0, MAX_THREAD_NAMES)) {
    const comm = readOrNull(`${directory}/task/${tid}/comm`);
    // The kernel ends it with a newline; the name itself may hold some.
    if (comm !== null) names.set(tid, comm.at(-1) === 0x0a ? comm.subarray(0, -1) : comm);
  }
  return names;
}

function descriptorsOf(directory: string, names: readonly string[]): OpenDescriptor[] {
  const numbers = names.map(Number).sort((a, b) => a - b);
  const descriptors: OpenDescriptor[] = [];
  for (const fd of numbers.slice(0, MAX_DESCRIPTORS)) {
    let target: Buffer;
    try {
      target = readlinkSync(`${directory}/fd/${fd}`, 'buffer');
    } catch {
      // Closed by another process that shares the table; its number alone says nothing.
      continue;
    }
    descriptors.push({ fd, target, info: readOrNull(`${directory}/fdinfo/${fd}`) });
  }
  return descriptors;
}

/** Field 4 of /proc/PID/stat; comm, in parentheses before it, may hold anything. */
function parentOf(stat: Buffer): number | null {
  const [, parent] = stat.toString('latin1', stat.lastIndexOf(0x29) + 2).split(' ');
  return parent !== undefined && /^\d+$/.test(parent) ? Number(parent) : null;
}

/** For items without which the report is only a little poorer. */
function readOrNull(path: string): Buffer | null {
  try {
    return readWhole(path, FIRST_READ_BYTES);
  } catch {
    return null;
  }
}

/** A file of /proc, whose size nobody knows before it is read; at most `most` bytes of it. */
function readWhole(path: string, most: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let total = 0; total < most; ) {
      // Most files end within the first piece, a few are megabytes.
      const piece = total === 0 ? shared : Buffer.allocUnsafe(LATER_READ_BYTES);
      const length = readSync(fd, piece, 0, Math.min(piece.length, most - total), null);
      if (length === 0) break;
      pieces.push(total === 0 ? Buffer.from(piece.subarray(0, length)) : piece.subarray(0, length));
      total += length;
    }
    const [only = Buffer.alloc(0)] = pieces;
    return pieces.length <= 1 ? only : Buffer.concat(pieces);
  } finally {
    closeSync(fd);
  }
}
