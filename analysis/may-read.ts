import type { Stats } from 'node:fs';

/** Whether a user may read a file by its mode alone: other groups of the user, and access control lists, are not asked. */
export function mayRead({ mode, uid, gid }: Stats, user: { uid: number; gid: number }): boolean {
  if (uid === user.uid) return (mode & 0o400) !== 0;
  return (mode & (gid === user.gid ? 0o040 : 0o004)) !== 0;
}
