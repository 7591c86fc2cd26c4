import { messageOf } from '../errors/usercrash-error.ts';
import { setNoNewPrivileges } from '../linux/prctl.ts';
import { filterSystemCalls } from '../linux/seccomp.ts';
import { clientFilter } from './client-filter.ts';
import { kernelLog } from './kernel-log.ts';

/**
 * Takes from this client, and from all that it will start, what none of them needs: programs that bring rights with them, and system
 * calls (client-filter.ts, where there is a list for this architecture). Not for whoever starts somebody else's programs.
 */
export function confineClient(): void {
  try {
    setNoNewPrivileges();
    if (process.arch === 'x64') filterSystemCalls(clientFilter());
  } catch (error) {
    // A kernel without such filters: a crash is not to be lost for it.
    kernelLog(
      'warning',
      `dead processes are looked at without a filter of system calls: ${messageOf(error)}`,
    );
  }
}
