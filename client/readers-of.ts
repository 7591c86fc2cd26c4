import type { Captured } from '../capture/captured.ts';
import { statusNumbers, statusValue } from '../capture/proc/status-value.ts';
import type { KernelArguments } from '../protocol/kernel-arguments.ts';
import type { Readers } from '../report/readers.ts';

/** 1 where execve(2) gave the program rights that its user has not: getauxval(3). */
const AT_SECURE = 23n;

/**
 * Who may read the report of a crash.
 *
 * @param ownerAccess Whether its user may, where it is the user's alone: dumpable, never root's, all ids of the process and of
 *   the thread that died (real, effective, saved, file system) the one that the kernel named, no rights from setuid or file
 *   capabilities when it was executed, and no capability now (credentials(7), capabilities(7)), and no user namespace of its own:
 *   there the same number outside may not look at a living process either (ptrace(2), security/commoncap.c).
 */
export function readersOf(
  { captured, kernel }: { captured: Captured; kernel: KernelArguments },
  ownerAccess: boolean,
): Readers {
  if (kernel.dumpable !== 1) return 'root';
  const { head, snapshot } = captured;
  const isOwners =
    ownerAccess &&
    kernel.uid !== 0 &&
    snapshot.namespaces?.users === null &&
    head.auxv.get(AT_SECURE) === 0n &&
    [snapshot.status, snapshot.threadStatus].every((status) => isUnchanged(status, kernel));
  return isOwners ? 'owner' : 'group';
}

function isUnchanged(status: Buffer | null, { uid, gid }: KernelArguments): boolean {
  if (status === null) return false;
  const areAll = (name: string, id: number) => {
    const ids = statusNumbers(status, name);
    return ids?.length === 4 && ids.every((own) => own === id);
  };
  const capabilities = statusValue(status, 'CapPrm') ?? '';
  return areAll('Uid', uid) && areAll('Gid', gid) && /^0+$/.test(capabilities);
}
