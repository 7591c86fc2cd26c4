/** A line of /proc/PID/mountinfo, as far as we use it. */
export interface Mount {
  /** `ext4`, `overlay`, `fuse.sshfs` */
  type: string;
  /** `254:0` */
  device: string;
}

/** `id parent major:minor root mountpoint options optional... - type source options`: proc_pid_mountinfo(5). */
const LINE = /^(\d{1,10}) \d+ (\d+:\d+) [^\n]* - (\S+) /gm;

/**
 * The mounts in /proc/PID/mountinfo by their id, which `mnt_id` in fdinfo names. The kernel writes white space in names as
 * `\040` and the like, so a line is a line; those of another form are passed over.
 */
export function parseMountinfo(bytes: Buffer): Map<number, Mount> {
  const mounts = new Map<number, Mount>();
  for (const [, id, device = '', type = ''] of bytes.toString('latin1').matchAll(LINE)) {
    mounts.set(Number(id), { type, device });
  }
  return mounts;
}
