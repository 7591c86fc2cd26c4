import { readlinkSync } from 'node:fs';
import type { ProcessSnapshot } from './captured.ts';
import { readProcFile } from './read-proc-file.ts';
import { unknownProcess } from './same-process.ts';

/** proc_pid_stat(5) is one line; a cgroup's path may be as long as any. */
const MAX_BYTES = { stat: 4096, status: 16 * 1024, cgroup: 64 * 1024 };

/**
 * What the history wants to know of a process: its start and its name (stat), its user (status), its executable, its unit (cgroup).
 *
 * @param pid In the initial pid namespace, as `tid`, the thread that died.
 * @param reason Why there is no more, in words.
 */
export function namesSnapshot(pid: number, tid: number, reason: string): ProcessSnapshot {
  return {
    ...unknownProcess(pid, reason),
    stat: orNull(() => readProcFile(`/proc/${pid}/stat`, MAX_BYTES.stat).bytes),
    status: orNull(() => readProcFile(`/proc/${pid}/status`, MAX_BYTES.status).bytes),
    cgroup: orNull(() => readProcFile(`/proc/${tid}/cgroup`, MAX_BYTES.cgroup).bytes),
    exe: orNull(() => readlinkSync(`/proc/${tid}/exe`, 'buffer')),
  };
}

function orNull(read: () => Buffer): Buffer | null {
  try {
    return read();
  } catch {
    return null; // The process is gone: the line in the history is poorer.
  }
}
