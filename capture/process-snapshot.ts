import { readdirSync, readlinkSync } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { MAX_DESCRIPTORS, type OpenDescriptor, type ProcessSnapshot } from './captured.ts';
import { readProcessNamespaces } from './process-namespaces.ts';
import { readProcFile } from './read-proc-file.ts';

/** Most bytes of each file, well over what the kernel writes for any but an absurd process. */
const MAX_BYTES = {
  stat: 4096,
  status: 16 * 1024,
  threadStatus: 16 * 1024,
  /** ARG_MAX allows 6 MiB for both; what is behind the first MiB helps nobody. */
  cmdline: 1024 * 1024,
  environ: 1024 * 1024,
  limits: 16 * 1024,
  cgroup: 64 * 1024,
  mountinfo: 1024 * 1024,
  /** 65,530 mappings with paths of 160 bytes. */
  maps: 16 * 1024 * 1024,
  kernelStack: 64 * 1024,
  comm: 64,
  /** epoll's and inotify's go on for as many lines as they watch. */
  fdinfo: 4096,
} as const;

/** Threads whose names are read, at 6 µs each. */
const MAX_THREADS = 20_000;

/**
 * Reads what /proc/PID says, as bytes. Each item stands alone: one that fails is null, and `failures` says why; one that
 * is longer than we take is cut there, and `failures` says that too.
 *
 * @param pid In the initial pid namespace, as everything here (core_pattern's %P).
 * @param tid The thread that died (%I).
 * @param threadIds As the notes have them: numbers of the process's own pid namespace.
 */
export function takeProcessSnapshot(pid: number, tid: number, threadIds: readonly number[]): ProcessSnapshot {
  const failures = new Map<string, string>();
  const attempt = <Value>(item: string, read: () => Value): Value | null => {
    try {
      return read();
    } catch (error) {
      failures.set(item, messageOf(error));
      return null;
    }
  };
  // A main thread that has ended has no files and no memory any more: the thread that died still has them.
  const file = (item: keyof typeof MAX_BYTES, path = `/proc/${tid}/${item}`) =>
    attempt(item, () => {
      const { bytes, isCut } = readProcFile(path, MAX_BYTES[item]);
      if (isCut) failures.set(item, `cut after ${MAX_BYTES[item]} bytes`);
      return bytes;
    });
  const link = (item: string) => attempt(item, () => readlinkSync(`/proc/${tid}/${item}`, 'buffer'));
  const stat = file('stat', `/proc/${pid}/stat`);
  const status = file('status', `/proc/${pid}/status`);
  const numbers = attempt('fd', () =>
    readdirSync(`/proc/${tid}/fd`).sort((one, other) => Number(one) - Number(other)),
  );
  if (numbers !== null && numbers.length > MAX_INFOS)
    failures.set('fdinfo', `read of the first ${MAX_INFOS} of ${numbers.length} descriptors`);
  return {
    pid,
    threadNames: readThreadNames(pid, status, { threadIds, failures }),
    stat,
    status,
    threadStatus: tid === pid ? status : file('threadStatus', `/proc/${pid}/task/${tid}/status`),
    cmdline: file('cmdline'),
    environ: file('environ'),
    limits: file('limits'),
    cgroup: file('cgroup'),
    mountinfo: file('mountinfo'),
    maps: file('maps'),
    kernelStack: file('kernelStack', `/proc/${pid}/task/${tid}/stack`),
    exe: link('exe'),
    cwd: link('cwd'),
    root: link('root'),
    namespaces: attempt('namespaces', () => readProcessNamespaces(tid)),
    parentComm: attempt('parentComm', () => readParentComm(stat)),
    descriptors: numbers === null ? [] : readDescriptors(tid, numbers),
    descriptorCount: numbers?.length ?? null,
    failures,
  };
}

/** Field 4 of stat, behind the comm, which may hold anything: proc_pid_stat(5). */
function readParentComm(stat: Buffer | null): Buffer | null {
  if (stat === null) return null;
  const parent = stat.toString('latin1', stat.lastIndexOf(')') + 2).split(' ', 2)[1];
  // Of a process of a container whose parent is outside, and of init: 0.
  if (parent === undefined || parent === '0') return null;
  return withoutNewline(readProcFile(`/proc/${parent}/comm`, MAX_BYTES.comm).bytes);
}

function readThreadNames(
  pid: number,
  status: Buffer | null,
  { threadIds, failures }: { threadIds: readonly number[]; failures: Map<string, string> },
): Map<number, Buffer> {
  const names = new Map<number, Buffer>();
  let failed = 0;
  let reason = '';
  for (const [own, host] of hostThreadIds(pid, status, threadIds)) {
    try {
      names.set(own, withoutNewline(readProcFile(`/proc/${pid}/task/${host}/comm`, MAX_BYTES.comm).bytes));
    } catch (error) {
      failed += 1;
      reason = messageOf(error);
    }
  }
  const left = threadIds.length - names.size - failed;
  if (failed > 0) failures.set('threadNames', `${failed} of ${threadIds.length} threads: ${reason}`);
  else if (left > 0) failures.set('threadNames', `${left} of ${threadIds.length} threads were left out`);
  return names;
}

/**
 * Pairs of a thread's number in its own pid namespace and in ours. They differ for a process in a container: there
 * NSpid in status has more than one number, the last is its own (proc_pid_status(5)).
 */
function hostThreadIds(
  pid: number,
  status: Buffer | null,
  threadIds: readonly number[],
): Map<number, number> {
  const ids = new Map<number, number>();
  if ((status === null ? [] : namespaceIds(status)).length < 2) {
    for (const tid of threadIds.slice(0, MAX_THREADS)) ids.set(tid, tid);
    return ids;
  }
  const wanted = new Set(threadIds);
  let tasks: string[] = [];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    // Gone: the threads stay without names, which the caller counts.
  }
  for (const task of tasks.slice(0, MAX_THREADS)) {
    try {
      const own = namespaceIds(readProcFile(`/proc/${pid}/task/${task}/status`, MAX_BYTES.status).bytes).at(
        -1,
      );
      if (own !== undefined && wanted.has(own)) ids.set(own, Number(task));
    } catch {
      // A thread that has ended meanwhile.
    }
  }
  return ids;
}

function namespaceIds(status: Buffer): number[] {
  const at = status.indexOf('\nNSpid:');
  if (at === -1) return [];
  const end = status.indexOf(0x0a, at + 1);
  return (status.toString('latin1', at + 7, end === -1 ? status.length : end).match(/\d+/g) ?? []).map(
    Number,
  );
}

/** Descriptors whose position and flags are read too: each costs three system calls while the process is held. */
const MAX_INFOS = 256;

function readDescriptors(pid: number, numbers: readonly string[]): OpenDescriptor[] {
  const descriptors: OpenDescriptor[] = [];
  for (const number of numbers) {
    if (descriptors.length === MAX_DESCRIPTORS) break;
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${number}`, 'buffer');
      const info = descriptors.length < MAX_INFOS ? readInfo(pid, number) : null;
      descriptors.push({ fd: Number(number), target, info });
    } catch {
      // Closed meanwhile, which happens in a live process only; `descriptorCount` has counted it.
    }
  }
  return descriptors;
}

function readInfo(pid: number, number: string): Buffer | null {
  try {
    return readProcFile(`/proc/${pid}/fdinfo/${number}`, MAX_BYTES.fdinfo).bytes;
  } catch {
    // Null says it.
    return null;
  }
}

function withoutNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
