import { readFileSync } from 'node:fs';
import { type Check, ok, warn } from './check.ts';

const SOMAXCONN = '/proc/sys/net/core/somaxconn';
/** The kernel's default since 5.4. */
const DEFAULT = 4096;

/** By socket, the kernel skips a crash for which the queue has no place. */
export const socketQueue: Check = {
  name: 'socket queue',
  look({ collection: { mode }, services }) {
    if (mode !== 'socket') return ok('it matters by socket alone');
    const places = Number(readFileSync(SOMAXCONN, 'latin1'));
    if (places >= DEFAULT) return ok(`${places} crashes at once`);
    return warn(
      `net.core.somaxconn is ${places}: more crashes at once than that are skipped`,
      `sysctl -w net.core.somaxconn=${DEFAULT}; then: ${services.restart}`,
    );
  },
};
