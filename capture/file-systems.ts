import { closeSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import { openPath } from '../linux/open-path.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { openNamed } from './open-named.ts';
import { type Mount, parseMountinfo } from './proc/parse-mountinfo.ts';
import { readProcFile } from './read-proc-file.ts';

/** Far more than the two lines that are wanted; those of some kinds go on for long. */
const MAX_FDINFO_BYTES = 512;
/** A host of a thousand containers has some 10,000 mounts of 200 bytes. What lies behind counts as what may not answer. */
const MAX_MOUNTINFO_BYTES = 4 * 1024 * 1024;

/** Of 300 mounts. */
const MAX_KEPT_BYTES = 64 * 1024;

/**
 * File systems that answer from a local disk or from memory. What is not here may wait for a program (FUSE), for another
 * machine (NFS), or for nobody knows what.
 */
const LOCAL = new Set(
  'bcachefs btrfs cramfs erofs exfat ext2 ext3 ext4 f2fs iso9660 jfs ntfs3 ramfs reiserfs rootfs squashfs tmpfs udf vfat xfs zfs'.split(
    ' ',
  ),
);
/**
 * Layers of other file systems, which may be anything where an unprivileged user has mounted it. One that this machine's
 * own mount table has as well was mounted by root: docker's, containerd's.
 */
const LAYERED = 'overlay';

/**
 * Tells files that can be read at once from those whose file system may not answer, without asking the file system.
 * A read of the latter cannot even be killed: whoever waits for a page of a FUSE file does so until it comes
 * (mm/filemap.c, __folio_lock()).
 */
export class FileSystems {
  readonly #pid: number;
  #mounts: ReadonlyMap<number, Mount> | null = null;
  #hostMounts: ReadonlyMap<number, Mount> | null = null;
  #hostDevices: Set<string> | null = null;

  /** @param pid Whose mounts they are, in the initial pid namespace; held, so that /proc has it. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** @param fd Any descriptor of the file. */
  mayBlock(fd: number): boolean {
    const info = attempt(() => readProcFile(`/proc/self/fdinfo/${fd}`, MAX_FDINFO_BYTES).bytes);
    // mnt_id is the number that begins a line of mountinfo: proc_pid_fdinfo(5), proc_pid_mountinfo(5).
    const id = /^mnt_id:\t(\d+)$/m.exec(info?.toString('latin1') ?? '')?.[1];
    this.#mounts ??= mountsOf(`/proc/${this.#pid}/mountinfo`);
    // A process that has left its mount namespace keeps its files, by mounts of the old one. No two mounts have one number.
    const mount = this.#mounts.get(Number(id ?? -1)) ?? this.#mountsOfHost().get(Number(id ?? -1));
    // Unknown: unmounted lazily, or the kernel's own (memfd), which nobody needs.
    if (mount === undefined) return true;
    if (mount.type !== LAYERED) return !LOCAL.has(mount.type);
    this.#hostDevices ??= new Set([...this.#mountsOfHost().values()].map(({ device }) => device));
    return !this.#hostDevices.has(mount.device);
  }

  #mountsOfHost(): ReadonlyMap<number, Mount> {
    if (this.#hostMounts === null) {
      this.#hostMounts = mountsOf('/proc/1/mountinfo');
      // That is shown to root alone. Who looks at a process of their own trusts the mounts that they see themselves.
      if (this.#hostMounts.size === 0) this.#hostMounts = mountsOf('/proc/self/mountinfo');
    }
    return this.#hostMounts;
  }

  /**
   * The same of what a link of /proc/PID stands for; true where it cannot be told.
   *
   * @param path Of the same file, for who may not open such links.
   */
  mayBlockAt(link: string, path: Buffer | null = null): boolean {
    const fd = this.#openLink(link, path);
    if (fd === null) return true;
    try {
      return this.mayBlock(fd);
    } finally {
      closeSync(fd);
    }
  }

  #openLink(link: string, path: Buffer | null): number | null {
    try {
      return asRoot(() => openPath(link));
    } catch (error) {
      // Root believes no path: whoever is looked at may have put another file there.
      if (path === null || !hasErrno(error, 'EPERM', 'EACCES')) return null;
      return openNamed(path, { pid: this.#pid, fileSystems: this }, () => true);
    }
  }
}

/** What was read last: most processes have the same mounts as the one before. */
let last: { bytes: Buffer; mounts: ReadonlyMap<number, Mount> } = {
  bytes: Buffer.alloc(0),
  mounts: new Map(),
};

function mountsOf(path: string): ReadonlyMap<number, Mount> {
  const bytes = attempt(() => asRoot(() => readProcFile(path, MAX_MOUNTINFO_BYTES)).bytes) ?? Buffer.alloc(0);
  if (bytes.length > MAX_KEPT_BYTES) return parseMountinfo(bytes);
  if (!bytes.equals(last.bytes)) last = { bytes, mounts: parseMountinfo(bytes) };
  return last.mounts;
}

/** Null where it fails: gone, or not ours to look at. Then nothing is known of it, and that is enough to stay away. */
function attempt<Value>(act: () => Value): Value | null {
  try {
    return act();
  } catch {
    return null;
  }
}
