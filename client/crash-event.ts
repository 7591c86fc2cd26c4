import { readFileSync, readlinkSync } from 'node:fs';
import type { CoreHead } from '../capture/captured.ts';
import { parseCgroup } from '../capture/proc/parse-cgroup.ts';
import { parseStat } from '../capture/proc/parse-stat.ts';
import { type CrashEvent, crashIdOf } from '../protocol/codec.ts';
import type { KernelArguments } from '../protocol/kernel-arguments.ts';
import { crashTimeUs } from './steps.ts';

/**
 * What the server is told of a crash before anything is taken.
 *
 * @param quickKey See capture/quick-key.ts.
 * @throws Node's error where the boot id cannot be read: /proc is not mounted, and nothing can be collected.
 */
export function crashEventOf(kernel: KernelArguments, head: CoreHead, quickKey: string): CrashEvent {
  const { pid } = kernel;
  const stat = parseStat(bytesOf(`/proc/${pid}/stat`));
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
  const atUs = crashTimeUs(kernel.time);
  return {
    crashId: crashIdOf({ bootId, pid, startTicks: stat?.startTicks ?? 0, atUs }),
    atUs,
    pid,
    tid: kernel.tid,
    uid: kernel.uid,
    gid: kernel.gid,
    signal: kernel.signal,
    signalCode: head.signal?.code ?? 0,
    comm: stat?.comm ?? head.process?.comm ?? Buffer.alloc(0),
    executable: executableOf(pid),
    quickKey,
    dumpable: kernel.dumpable,
    mode: 'pipe',
    unit: parseCgroup(bytesOf(`/proc/${pid}/cgroup`)).unit ?? Buffer.alloc(0),
  };
}

function executableOf(pid: number): Buffer {
  try {
    return readlinkSync(`/proc/${pid}/exe`, 'buffer');
  } catch {
    // Gone, or a kernel thread's helper: the snapshot has the reason for the report.
    return Buffer.alloc(0);
  }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    // As above.
    return Buffer.alloc(0);
  }
}
