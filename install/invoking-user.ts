import type { CommandContext } from './command-context.ts';

export interface User {
  uid: number;
  gid: number;
}

/**
 * Who has called sudo (sudo(8), "Environment"): hostile data is looked at with that user's rights, and what is written for a
 * person is that user's.
 *
 * @returns Null where this process is not root's, or root itself has called it.
 */
export function invokingUser({ isRoot, env }: Pick<CommandContext, 'isRoot' | 'env'>): User | null {
  const [uid, gid] = [env['SUDO_UID'], env['SUDO_GID']].map((text) =>
    /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0,
  );
  return isRoot && uid && gid ? { uid, gid } : null;
}
