import type { Captured } from '../capture/captured.ts';
import { statusNumbers } from '../capture/proc/status-value.ts';
import { readProcFile } from '../capture/read-proc-file.ts';
import { asRoot } from '../linux/as-root.ts';
import type { KernelArguments, KernelWords } from '../protocol/kernel-arguments.ts';

/** Nobody: overflowuid, what the kernel itself says where an id cannot be told. */
const OVERFLOW_ID = 65_534;
/** Some 1,500, and the supplementary groups. */
const MAX_STATUS_BYTES = 64 * 1024;

/**
 * Adds what core_pattern had no room for: its ids and its numbers in its own pid namespace from /proc/PID/status, as it was
 * captured and found to be the process's, the thread's from the core's notes.
 */
export function completeArguments(words: KernelWords, { head, snapshot }: Captured): KernelArguments {
  const { pid, tid, namespacePid, namespaceTid, uid, gid, time } = words;
  const status = snapshot.status ?? Buffer.alloc(0);
  const ownPid = namespacePid ?? statusNumbers(status, 'NSpid')?.at(-1) ?? pid;
  return {
    ...words,
    namespacePid: ownPid,
    namespaceTid: namespaceTid ?? head.threads[0]?.tid ?? (tid === pid ? ownPid : tid),
    uid: uid ?? statusNumbers(status, 'Uid')?.[0] ?? OVERFLOW_ID,
    gid: gid ?? statusNumbers(status, 'Gid')?.[0] ?? OVERFLOW_ID,
    time: time ?? Math.floor(Date.now() / 1000),
  };
}

/** A process's or thread's status; empty where it is gone. */
export function processStatus(pid: number, task?: string): Buffer {
  try {
    const path = task === undefined ? `/proc/${pid}/status` : `/proc/${pid}/task/${task}/status`;
    return asRoot(() => readProcFile(path, MAX_STATUS_BYTES)).bytes;
  } catch {
    return Buffer.alloc(0); // Gone.
  }
}
