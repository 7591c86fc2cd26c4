import { setNoNewPrivileges, setNonDumpable } from './prctl.ts';

/**
 * Makes this process another user's for good, all of its threads: no capabilities, no groups but those given, no program that could
 * bring root back, and nobody of that user may trace it. Where it is not root's, nothing is left to do.
 *
 * @throws Node's error where the kernel does not let us (a container without CAP_SETUID); {Error} where root could come back.
 */
export function giveUpRoot({ uid, gid, groups }: { uid: number; gid: number; groups: number[] }): void {
  if (process.geteuid?.() !== 0) return;
  setNoNewPrivileges();
  process.setgroups?.(groups);
  process.setgid?.(gid);
  process.setuid?.(uid);
  // The change of the user has set it to what fs.suid_dumpable says: prctl(2).
  setNonDumpable();
  if (canComeBack()) throw new Error('root could not be given up');
}

function canComeBack(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return process.getuid?.() === 0; // EPERM is what we want.
  }
}
