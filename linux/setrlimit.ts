import { checked, libc } from './libc.ts';

const setrlimitCall = libc.func('int setrlimit(int resource, const void *limit)');
const getrlimitCall = libc.func('int getrlimit(int resource, void *limit)');

/** What setrlimit(2) and prlimit(2) call a resource: asm-generic/resource.h, alike on x86, arm and arm64. */
export const RESOURCES = { cpu: 0, fsize: 1, data: 2, core: 4, nproc: 6, nofile: 7, as: 9 } as const;

/** A resource that can be limited, by the name that setrlimit(2) has for it. */
export type Resource = keyof typeof RESOURCES;

/** RLIM_INFINITY. */
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/**
 * Sets a limit of this process, for itself and the children that it starts from now on: setrlimit(2).
 *
 * @param resource Which one; `core` 0 keeps a crash of ours from being dumped.
 * @param soft In the resource's own unit (bytes, seconds, descriptors), or {@link UNLIMITED}.
 * @param hard The ceiling for `soft`; raising it needs CAP_SYS_RESOURCE.
 * @throws {SystemCallError} EPERM, or EINVAL where soft is over hard.
 */
export function setrlimit(resource: Resource, soft: bigint, hard: bigint = soft): void {
  const limit = Buffer.alloc(16);
  limit.writeBigUInt64LE(soft, 0);
  limit.writeBigUInt64LE(hard, 8);
  checked('setrlimit', resource, () => setrlimitCall(RESOURCES[resource], limit));
}

/** The limit in force: getrlimit(2). */
export function getrlimit(resource: Resource): { soft: bigint; hard: bigint } {
  const limit = Buffer.alloc(16);
  checked('getrlimit', resource, () => getrlimitCall(RESOURCES[resource], limit));
  return { soft: limit.readBigUInt64LE(0), hard: limit.readBigUInt64LE(8) };
}
