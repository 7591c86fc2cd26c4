import { closeSync, openSync } from 'node:fs';
import { openPath } from '../linux/open-path.ts';

/** The files of a process that sees others than we do under the same paths, kept open: also when it is gone. The holder closes them. */
export interface OwnMounts {
  /** Its root directory, as a place (O_PATH). */
  root: number;
  /** /proc/PID/ns/mnt, which keeps all of its mounts. */
  namespace: number;
}

/** Opens them while the process is held. @returns Null where they cannot be opened: its files are not read then. */
export function openOwnMounts(tid: number): OwnMounts | null {
  let root = -1;
  try {
    root = openPath(`/proc/${tid}/root`);
    return { root, namespace: openSync(`/proc/${tid}/ns/mnt`, 'r') };
  } catch {
    if (root !== -1) closeSync(root);
    return null; // Gone, or not ours to look at.
  }
}

/** Closes what {@link openOwnMounts} opened. */
export function closeOwnMounts(mounts: OwnMounts | null): void {
  if (mounts === null) return;
  closeSync(mounts.root);
  closeSync(mounts.namespace);
}
