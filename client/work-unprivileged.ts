import { cageUser } from '../analysis/cage/cage-user.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { lowerRights } from '../linux/lower-rights.ts';
import { kernelLog } from './kernel-log.ts';

/**
 * Lets this client, or one thread of it, look at what a dead process left as the user of gdb's cage, with root's rights only in
 * asRoot() (docs/decisions/031). Where that cannot be made it works as root all the same: a crash is not to be lost for it.
 */
export function workUnprivileged(threads: 'all' | 'this'): void {
  try {
    lowerRights(cageUser(), threads);
  } catch (error) {
    kernelLog('warning', `dead processes are looked at as root: ${messageOf(error)}`);
  }
}
