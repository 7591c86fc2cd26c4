import { readFileSync } from 'node:fs';
import type { Captured } from '../capture/captured.ts';
import { parseCgroup } from '../capture/proc/parse-cgroup.ts';
import { parseStat } from '../capture/proc/parse-stat.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import { crashIdOf } from '../protocol/crash-id.ts';
import type { KernelArguments } from '../protocol/kernel-arguments.ts';

/** How the kernel hands a crash over: it starts a program, or connects to a socket. */
export type Mode = 'pipe' | 'socket';

/** Read once: it is the same as long as this process lives. */
let bootId: string | null = null;

/**
 * What the server is told of a crash.
 *
 * @param atUs When it happened, in microseconds since the epoch.
 * @throws Node's error where the boot id cannot be read: /proc is not mounted, and nothing can have been captured.
 */
export function crashEventOf(
  { kernel, captured, mode }: { kernel: KernelArguments; captured: Captured; mode: Mode },
  atUs: number,
): CrashEvent {
  const { head, snapshot } = captured;
  const { pid, tid, uid, gid, signal, dumpable } = kernel;
  const none = Buffer.alloc(0);
  const stat = parseStat(snapshot.stat ?? none);
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
  return {
    crashId: crashIdOf({ bootId, pid, startTicks: stat?.startTicks ?? 0, atUs }),
    atUs,
    pid,
    tid,
    uid,
    gid,
    signal,
    signalCode: head.signal?.code ?? 0,
    comm: stat?.comm ?? head.process?.comm ?? none,
    executable: snapshot.exe ?? none,
    quickKey: captured.quickKey,
    dumpable,
    mode,
    unit: parseCgroup(snapshot.cgroup ?? none).unit ?? none,
    repeatOf: captured.repeatOf ?? '',
    excludedBy: '',
  };
}
