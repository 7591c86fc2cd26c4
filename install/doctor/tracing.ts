import { readFileSync } from 'node:fs';
import { hasErrno } from '../../linux/system-call-error.ts';
import { type Check, ok, warn } from './check.ts';

const PTRACE_SCOPE = '/proc/sys/kernel/yama/ptrace_scope';

/** Yama (Documentation/admin-guide/LSM/Yama.rst): 0 to 2 do not concern root, 3 forbids /proc/PID/mem to everybody. */
export const tracing: Check = {
  name: 'ptrace_scope',
  look() {
    let scope: string;
    try {
      scope = readFileSync(PTRACE_SCOPE, 'latin1').trim();
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return ok('this kernel has none');
      throw error;
    }
    if (scope !== '3') return ok(`${scope}: it does not concern the collector`);
    return warn(
      'kernel.yama.ptrace_scope is 3: nobody may read the memory of others, so reports have no stacks',
      'set it to 2 at most in /etc/sysctl.d, and reboot: it cannot be lowered before',
    );
  },
};
