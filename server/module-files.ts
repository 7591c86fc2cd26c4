import { type BigIntStats, closeSync, fstat } from 'node:fs';
import { promisify } from 'node:util';
import type { ModuleFile } from '../protocol/codec.ts';

/** What a message brings for each of its descriptors. */
export type ReceivedFile = ModuleFile & { fd: number };

/** A descriptor that is kept once for all crashes whose module it is. */
interface SharedFile {
  fd: number;
  /** `device:inode`; null for a file that may not be asked. */
  key: string | null;
  users: number;
}

interface KeptFile {
  file: SharedFile;
  about: ModuleFile;
}

/**
 * Descriptors kept at most. Beyond it only files are kept to which no path leads any more, up to as many again: the others
 * are opened by their path when their crash is analysed.
 */
export const MAX_MODULE_FILES = 1024;

const fstatOf = promisify((fd: number, done: (error: Error | null, stats?: BigIntStats) => void) =>
  fstat(fd, { bigint: true }, (error, stats) => done(error, stats)),
);

/**
 * The executables and libraries of captured crashes, as descriptors, until the crashes have their reports: whoever analyses
 * them later gets the very files that were mapped, also where they are deleted or replaced by then.
 */
export class ModuleFiles {
  readonly #limit: number;
  readonly #crashes = new Map<string, KeptFile[]>();
  readonly #shared = new Map<string, SharedFile>();
  #count = 0;

  /** @param limit See {@link MAX_MODULE_FILES}; lower where this process may not have so many descriptors. */
  constructor(limit: number = MAX_MODULE_FILES) {
    this.#limit = limit;
  }

  /** Descriptors that are held. */
  get count(): number {
    return this.#count;
  }

  /**
   * Keeps the files of a crash, in place of those that were kept for it before.
   *
   * @param files Their descriptors are taken over: what is not kept is closed.
   */
  async keep(crashId: string, files: readonly ReceivedFile[]): Promise<void> {
    const keys = await Promise.all(files.map(keyOf));
    this.drop(crashId);
    const kept: KeptFile[] = [];
    for (const [index, { fd, ...about }] of files.entries()) {
      const file = this.#share(fd, keys[index] ?? null, about.onlyHere);
      if (file !== null) kept.push({ file, about });
    }
    if (kept.length > 0) this.#crashes.set(crashId, kept);
  }

  /** What is kept for a crash; the descriptors stay ours. */
  of(crashId: string): ReceivedFile[] {
    return (this.#crashes.get(crashId) ?? []).map(({ file, about }) => ({ ...about, fd: file.fd }));
  }

  /** The crash needs them no more. */
  drop(crashId: string): void {
    for (const { file } of this.#crashes.get(crashId) ?? []) {
      file.users -= 1;
      if (file.users > 0) continue;
      if (file.key !== null) this.#shared.delete(file.key);
      this.#count -= 1;
      closeSync(file.fd);
    }
    this.#crashes.delete(crashId);
  }

  /** @returns Null where there is no room; then it is closed. */
  #share(fd: number, key: string | null, isOnlyHere: boolean): SharedFile | null {
    const known = key === null ? undefined : this.#shared.get(key);
    if (known !== undefined || this.#count >= (isOnlyHere ? 2 : 1) * this.#limit) {
      closeSync(fd);
      if (known !== undefined) known.users += 1;
      return known ?? null;
    }
    const file = { fd, key, users: 1 };
    if (key !== null) this.#shared.set(key, file);
    this.#count += 1;
    return file;
  }
}

/**
 * Which file it is; null where it cannot be told, or must not be asked: its file system may never answer. The same root directory is
 * another place in each mount namespace.
 */
async function keyOf({ fd, mayBlock, place }: ReceivedFile): Promise<string | null> {
  if (mayBlock || place !== '') return null;
  try {
    const stats = await fstatOf(fd);
    return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
  } catch {
    return null; // An open descriptor can be asked; where it cannot, it is shared with nobody.
  }
}
