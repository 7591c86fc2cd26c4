import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';
import { UNKNOWN_UID } from '../history-line.ts';

/** What /proc says of a process that the kernel has a reason to dump. All of it is the process's own doing. */
export interface DyingProcess {
  comm: Buffer;
  executable: Buffer;
  /** Real user id; {@link UNKNOWN_UID} where it is not there. */
  uid: number;
  /** Start in clock ticks after boot. */
  startTicks: number;
  /** Its ids, from the initial pid namespace to its own. */
  namespacePids: number[];
  /** The kernel dumps it now. */
  isDumping: boolean;
  /** Whether it still has memory: what has none is being buried. */
  hasMemory: boolean;
}

/** Of /proc/PID/status. */
const LINES = { uid: /^Uid:(.*)$/m, namespacePids: /^NSpid:(.*)$/m, isDumping: /^CoreDumping:(.*)$/m };
/** Field 22 of /proc/PID/stat, counted from what follows the name. */
const START_TICKS = 19;

/** Files of /proc have no size: for each Node's readFileSync() would take 64 KiB, which a storm makes hundreds of megabytes. */
const scratch = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Looks at a process in its last moment. Takes no lock that a dump may hold for long (decision 006): neither maps nor
 * cmdline.
 *
 * @returns Null where it is gone.
 */
export function dyingProcess(pid: number): DyingProcess | null {
  try {
    const status = readRecord(`/proc/${pid}/status`).toString('latin1');
    return {
      ...parseDyingProcess(readRecord(`/proc/${pid}/stat`), status),
      executable: executableOf(pid),
    };
  } catch {
    return null; // ENOENT or ESRCH: it has been reaped since.
  }
}

/**
 * @param stat /proc/PID/stat: the name in it may hold anything.
 * @param status /proc/PID/status; what is missing in it is 0 or none.
 */
export function parseDyingProcess(stat: Buffer, status: string): Omit<DyingProcess, 'executable'> {
  const nameEnd = stat.lastIndexOf(')');
  const fields = stat.toString('latin1', nameEnd + 2).split(' ');
  const numbers = (line: RegExp) =>
    (line.exec(status)?.[1]?.match(/\d+/g) ?? [])
      .map(Number)
      .filter((number) => Number.isSafeInteger(number));
  const startTicks = Number(fields[START_TICKS]);
  return {
    // With a memory of its own: a part of what was read would keep all of it, for as long as the dump is remembered.
    comm: Buffer.from(Uint8Array.from(stat.subarray(stat.indexOf('(') + 1, Math.max(nameEnd, 0))).buffer),
    uid: numbers(LINES.uid)[0] ?? UNKNOWN_UID,
    startTicks: Number.isSafeInteger(startTicks) && startTicks > 0 ? startTicks : 0,
    namespacePids: numbers(LINES.namespacePids).filter((id) => id > 0),
    isDumping: numbers(LINES.isDumping)[0] === 1,
    hasMemory: status.includes('\nVmSize:'),
  };
}

/** A file that the kernel gives whole to the first read that has room for it (fs/seq_file.c); valid until the next call. */
function readRecord(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    return scratch.subarray(0, readSync(fd, scratch));
  } finally {
    closeSync(fd);
  }
}

/** Empty where it has none any more. */
function executableOf(pid: number): Buffer {
  try {
    return readlinkSync(`/proc/${pid}/exe`, { encoding: 'buffer' });
  } catch {
    return Buffer.alloc(0); // Its memory is gone, and with it this link.
  }
}
