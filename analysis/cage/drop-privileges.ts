import type { CageUser } from './cage-user.ts';
import type { StepTable } from './step-table.ts';

/** linux/prctl.h, linux/capability.h */
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const CAPABILITIES = 41;
const CAPABILITY_VERSION_3 = 0x2008_0522n;

/**
 * Gives up everything that root may, for good: another user, no groups, no capabilities, and no program that could bring them back.
 *
 * @param user Null where we are not root: then there is no other user to become.
 */
export function dropPrivileges(table: StepTable, user: CageUser | null): void {
  for (let capability = 0; capability < CAPABILITIES; capability += 1) {
    table.step('prctl', [PR_CAPBSET_DROP, capability]);
  }
  if (user !== null) {
    const { uid, gid } = user;
    table.step('setgroups', [0, 0], { required: true });
    table.step('setresgid', [gid, gid, gid], { required: true });
    table.step('setresuid', [uid, uid, uid], { required: true });
  }
  table.step('capset', [table.words(CAPABILITY_VERSION_3), table.words(0, 0, 0)], { required: true });
  table.step('prctl', [PR_SET_NO_NEW_PRIVS, 1], { required: true });
}
