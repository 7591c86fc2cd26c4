import { closeSync, openSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setEffectiveCapabilities } from '../../linux/capset.ts';
import { chrootHere } from '../../linux/chroot.ts';
import { fchdir } from '../../linux/fchdir.ts';
import { openPath } from '../../linux/open-path.ts';
import { setNonDumpable } from '../../linux/prctl.ts';
import { setFileGroup, setFileUser } from '../../linux/setfsuid.ts';
import { setGroups } from '../../linux/setgroups.ts';
import { enterUtsNamespace } from '../../linux/setns.ts';
import { setrlimit, UNLIMITED } from '../../linux/setrlimit.ts';
import type { DumpedTask, FileCredentials } from './dumped-task.ts';

/** What the process itself would call its executable and its host. */
export function ownNames({ root, executable, utsNamespace }: DumpedTask): {
  executable: Buffer | null;
  hostName: Buffer;
} {
  const before = { root: openPath('/'), uts: openSync('/proc/self/ns/uts', 'r') };
  const proc = openPath('/proc');
  try {
    enterUtsNamespace(utsNamespace);
    const hostName = Buffer.from(hostname());
    enterUtsNamespace(before.uts);
    if (executable === null) return { executable, hostName };
    // The kernel gives a link's path as seen from the root directory of whoever asks.
    enterRoot(root);
    fchdir(proc);
    const path = readlinkSync(`self/fd/${executable}`, 'buffer');
    enterRoot(before.root);
    return { executable: path, hostName };
  } finally {
    for (const fd of [before.root, before.uts, proc]) closeSync(fd);
  }
}

/** Makes an open directory root and working directory. */
export function enterRoot(root: number): void {
  fchdir(root);
  chrootHere();
}

/**
 * Has this thread open and write files as the dead one would have: its rights, its umask, its limit. Calls that are not made by this
 * thread are still root's. There is no way back.
 *
 * @param credentials The task's, or what the kernel makes of them.
 */
export function actAs(credentials: FileCredentials, { umask, fileLimit }: DumpedTask): void {
  process.umask(umask);
  setrlimit('fsize', fileLimit, UNLIMITED);
  setGroups(credentials.groups);
  setFileGroup(credentials.gid);
  setFileUser(credentials.uid);
  setEffectiveCapabilities(credentials.capabilities);
  // The kernel has just made it suid_dumpable: kernel/cred.c, commit_creds().
  setNonDumpable();
}
