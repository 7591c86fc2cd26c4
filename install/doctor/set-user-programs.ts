import { readFileSync } from 'node:fs';
import { type Check, ok, warn } from './check.ts';

const SUID_DUMPABLE = '/proc/sys/fs/suid_dumpable';

/** Setuid programs, and those with file capabilities, are dumped with 2 alone: to root, and to nobody else. */
export const setUserPrograms: Check = {
  name: 'setuid programs',
  look() {
    const value = readFileSync(SUID_DUMPABLE, 'latin1').trim();
    if (value === '2')
      return ok('fs.suid_dumpable is 2: they are dumped, and only root may read their reports');
    return warn(
      `fs.suid_dumpable is ${value}: ${value === '0' ? 'the kernel does not dump programs that are setuid or have capabilities' : 'their owners may read their memory'}`,
      'echo fs.suid_dumpable=2 > /etc/sysctl.d/60-suid-dumpable.conf && sysctl -w fs.suid_dumpable=2',
    );
  },
};
