import { checked, libc } from './libc.ts';

const setgroupsCall = libc.func('int setgroups(size_t count, const void *groups)');

/** Sets the supplementary groups of this process, all its threads: setgroups(2). EPERM without CAP_SETGID. */
export function setGroups(groups: readonly number[]): void {
  const list = Buffer.alloc(Math.max(1, groups.length) * 4);
  for (const [index, group] of groups.entries()) list.writeUInt32LE(group, index * 4);
  checked('setgroups', `${groups.length} groups`, () => setgroupsCall(groups.length, list));
}
