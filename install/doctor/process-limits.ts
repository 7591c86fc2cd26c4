import { readFileSync } from 'node:fs';
import { type Check, fail, ok } from './check.ts';

/** RLIMIT_CORE by which the kernel knows its own helpers, and dumps nothing by pipe: decision 021. */
const HELPERS_LIMIT = '1';

/** Is the limit that services inherit the one that stops dumps? All others, also 0, change nothing. */
export const processLimits: Check = {
  name: 'RLIMIT_CORE',
  look() {
    const [, soft = ''] = /^Max core file size\s+(\S+)/m.exec(readFileSync('/proc/1/limits', 'latin1')) ?? [];
    if (soft === HELPERS_LIMIT) {
      return fail(
        'services inherit RLIMIT_CORE = 1, by which nothing is dumped',
        'DefaultLimitCORE=infinity in /etc/systemd/system.conf',
      );
    }
    return ok(`${soft}: it changes nothing, unless a program sets 1`);
  },
};
