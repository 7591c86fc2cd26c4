import { readlinkSync } from 'node:fs';
import { hasErrno } from '../linux/system-call-error.ts';
import { readProcFile } from './read-proc-file.ts';

/** How what a process saw differs from what we see: namespaces(7). */
export interface ProcessNamespaces {
  /** It has a mount namespace or a root directory of its own: its paths may name other files than ours. */
  hasOwnMounts: boolean;
  /** Its ids in its own user namespace: /proc/PID/uid_map and gid_map; null where it is in ours. */
  users: { uidMap: Buffer; gidMap: Buffer } | null;
}

/** 340 lines of 33 bytes: user_namespaces(7). */
const MAX_MAP_BYTES = 16 * 1024;

/**
 * @param tid Of the thread that died, in the initial pid namespace.
 * @throws Node's error where the process is gone, or not ours to look at.
 */
export function readProcessNamespaces(tid: number): ProcessNamespaces {
  const isOurs = (kind: string) => {
    const own = ownNamespace(kind);
    return own === null || readlinkSync(`/proc/${tid}/ns/${kind}`) === own;
  };
  const map = (kind: string) => readProcFile(`/proc/${tid}/${kind}_map`, MAX_MAP_BYTES).bytes;
  return {
    hasOwnMounts: !(isOurs('mnt') || isOfInit(tid)) || readlinkSync(`/proc/${tid}/root`) !== '/',
    users: isOurs('user') ? null : { uidMap: map('uid'), gidMap: map('gid') },
  };
}

/**
 * Whether it has the mounts of process 1. A service that is confined has mounts of its own, by which less may be written, and under
 * the same paths the same files as the machine (systemd/usercrash-client.service).
 */
function isOfInit(tid: number): boolean {
  try {
    return readlinkSync(`/proc/${tid}/ns/mnt`) === readlinkSync('/proc/1/ns/mnt');
  } catch (error) {
    if (!hasErrno(error, 'EACCES')) throw error;
    return false; // Without root's rights.
  }
}

/** Null where the kernel has no namespaces of this kind: CONFIG_USER_NS. */
function ownNamespace(kind: string): string | null {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    return null;
  }
}
