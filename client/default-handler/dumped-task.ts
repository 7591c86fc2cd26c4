import { closeSync, openSync, readlinkSync } from 'node:fs';
import { parseLimits } from '../../capture/proc/parse-limits.ts';
import { statusNumbers, statusValue } from '../../capture/proc/status-value.ts';
import { readProcFile } from '../../capture/read-proc-file.ts';
import { openPath } from '../../linux/open-path.ts';

const MAX_BYTES = 16 * 1024;
const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** Whose rights a file is opened with. */
export interface FileCredentials {
  uid: number;
  gid: number;
  groups: readonly number[];
  /** CapEff; none of a process in a user namespace of its own, where they do not count here. */
  capabilities: bigint;
}

/** The thread that died, as /proc tells it while the kernel holds it. All of it is of one and the same process. */
export interface DumpedTask {
  comm: Buffer;
  /** As the process itself has them. */
  namespacePid: number;
  namespaceTid: number;
  /** The processor that it was last seen on. */
  cpu: number;
  credentials: FileCredentials;
  umask: number;
  /** RLIMIT_FSIZE in bytes, all ones for none. */
  fileLimit: bigint;
  /** Descriptors without rights to read (O_PATH), ours to close. */
  root: number;
  cwd: number;
  /** Null where it has none. */
  executable: number | null;
  /** For setns(2). */
  utsNamespace: number;
}

/**
 * Asks /proc.
 *
 * @param tid Both in the initial pid namespace.
 * @throws Node's error where the process is gone: it has been killed in its dump.
 */
export function dumpedTask(pid: number, tid: number): DumpedTask {
  // The directory stays the thread's: another one with the same number is not to be found in it.
  const directory = openSync(`/proc/${pid}/task/${tid}`, 'r');
  const path = (name: string) => `/proc/self/fd/${directory}/${name}`;
  const read = (name: string) => readProcFile(path(name), MAX_BYTES).bytes;
  try {
    const comm = read('comm');
    const status = read('status');
    const limits = parseLimits(read('limits'));
    const fileLimit = limits.find(({ name }) => name === 'Max file size')?.soft ?? 'unlimited';
    return {
      comm: comm.at(-1) === 0x0a ? comm.subarray(0, -1) : comm,
      namespacePid: statusNumbers(status, 'NStgid')?.at(-1) ?? pid,
      namespaceTid: statusNumbers(status, 'NSpid')?.at(-1) ?? tid,
      cpu: processorOf(read('stat')),
      credentials: credentialsOf(status, isOurs(path('ns/user'), '/proc/self/ns/user')),
      umask: Number.parseInt(statusValue(status, 'Umask') ?? '022', 8),
      fileLimit: fileLimit === 'unlimited' ? UNLIMITED : BigInt(fileLimit),
      root: openPath(path('root')),
      cwd: openPath(path('cwd')),
      executable: openIfThere(path('exe')),
      utsNamespace: openSync(path('ns/uts'), 'r'),
    };
  } finally {
    closeSync(directory);
  }
}

/** The ids that count for files are the last of four: proc_pid_status(5). */
function credentialsOf(status: Buffer, isOurNamespace: boolean): FileCredentials {
  const uid = statusNumbers(status, 'Uid')?.[3];
  const gid = statusNumbers(status, 'Gid')?.[3];
  const effective = statusValue(status, 'CapEff');
  if (uid === undefined || gid === undefined || effective === null) {
    throw new Error('its credentials cannot be told');
  }
  return {
    uid,
    gid,
    groups: statusNumbers(status, 'Groups') ?? [],
    capabilities: isOurNamespace ? BigInt(`0x${effective}`) : 0n,
  };
}

/** Field 39, counted from the state, which is field 3 and follows the comm: proc_pid_stat(5). */
function processorOf(stat: Buffer): number {
  const fields = stat.toString('latin1', stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[39 - 3] ?? 0);
}

function isOurs(theirs: string, ours: string): boolean {
  return readlinkSync(theirs) === readlinkSync(ours);
}

function openIfThere(path: string): number | null {
  try {
    return openPath(path);
  } catch {
    return null; // A process without an executable: the kernel names it by its comm.
  }
}
