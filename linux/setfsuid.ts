import { libc } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

const setfsuidCall = libc.func('int setfsuid(uint uid)');
const setfsgidCall = libc.func('int setfsgid(uint gid)');

/** (uid_t)-1 changes nothing, and the call returns what is in force: setfsuid(2), "Return value". */
const NOBODY = 0xffff_ffff;
/** asm-generic/errno-base.h */
const EPERM = 1;

/**
 * Whose files this thread opens and creates from now on; other threads keep theirs: setfsuid(2). From root to somebody else it
 * also takes from the thread's effective capabilities those that override file permissions.
 *
 * @throws {SystemCallError} EPERM: the call itself says nothing.
 */
export function setFileUser(uid: number): void {
  setfsuidCall(uid);
  if (setfsuidCall(NOBODY) >>> 0 !== uid) throw new SystemCallError('setfsuid', EPERM, `${uid}`);
}

/** The same for the group: setfsgid(2). */
export function setFileGroup(gid: number): void {
  setfsgidCall(gid);
  if (setfsgidCall(NOBODY) >>> 0 !== gid) throw new SystemCallError('setfsgid', EPERM, `${gid}`);
}
