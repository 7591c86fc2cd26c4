import { readFileSync } from 'node:fs';
import type { Captured } from '../capture/captured.ts';
import { MAX_DESCRIPTORS } from '../linux/message-header.ts';
import type { ModuleFile } from '../protocol/codec.ts';

/**
 * The files of a crash's modules that the server keeps until the crash is analysed: the executable and those to which no
 * path leads first, because a message carries at most 253 descriptors.
 *
 * @returns What to say of each, and the descriptors in the same order; they stay the caller's.
 */
export function moduleFilesOf({ modules, snapshot }: Pick<Captured, 'modules' | 'snapshot'>): {
  files: ModuleFile[];
  descriptors: number[];
} {
  const isElsewhere = snapshot.root?.toString() !== '/' || !isOurNamespace(snapshot.mountinfo);
  const found: { file: ModuleFile; fd: number; rank: number }[] = [];
  for (const [module, { fd, mayBlock, deleted, isExecutable }] of modules.entries()) {
    if (fd === null) continue;
    // A path of a file system that may not answer is not to be tried.
    const onlyHere = isElsewhere || deleted || mayBlock;
    found.push({ file: { module, mayBlock, onlyHere }, fd, rank: isExecutable ? 0 : onlyHere ? 1 : 2 });
  }
  found.sort((one, other) => one.rank - other.rank);
  const sent = found.slice(0, MAX_DESCRIPTORS);
  return { files: sent.map(({ file }) => file), descriptors: sent.map(({ fd }) => fd) };
}

/** Whether a /proc/PID/mountinfo is of our own mount namespace: every mount of another has a number of its own. */
function isOurNamespace(mountinfo: Buffer | null): boolean {
  const id = mountinfo === null ? null : rootMount(mountinfo);
  return id !== null && id === rootMount(readFileSync('/proc/self/mountinfo'));
}

/** The number of the mount at `/`: `21 1 254:0 / / rw,relatime ...`, proc_pid_mountinfo(5). */
function rootMount(mountinfo: Buffer): string | null {
  return /^(\d+) \d+ \d+:\d+ \S+ \/ /m.exec(mountinfo.toString('latin1'))?.[1] ?? null;
}
