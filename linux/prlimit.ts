import { checked, libc } from './libc.ts';
import { RESOURCES, type Resource } from './setrlimit.ts';

const prlimitCall = libc.func('int prlimit(int pid, int resource, const void *newLimit, void *oldLimit)');

/**
 * Sets a limit of another process, from now on: prlimit(2). Needs the same user ids, or CAP_SYS_RESOURCE.
 *
 * @param pid Its process id; a child that has not been waited for cannot have been replaced by another process.
 * @param limit In the resource's own unit, soft and hard alike; a lowered hard limit cannot be raised again.
 * @throws {SystemCallError} ESRCH where it is gone, EPERM.
 */
export function prlimit(pid: number, resource: Resource, limit: bigint): void {
  const both = Buffer.alloc(16);
  both.writeBigUInt64LE(limit, 0);
  both.writeBigUInt64LE(limit, 8);
  checked('prlimit', `${pid} ${resource}`, () => prlimitCall(pid, RESOURCES[resource], both, null));
}
