import type { CoreHead, MappedFile } from './captured.ts';
import type { FileSystems } from './file-systems.ts';
import { MappedFiles } from './find-modules.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { Pagemap } from './pagemap.ts';

/**
 * Pages whose reading may never end: those of a mapped file that are not in memory, where the file system may not answer.
 * What such a page holds is what the file says, so little is lost.
 *
 * Anonymous memory never waits, not even where a userfaultfd is responsible for it and nobody listens: the kernel gives
 * up at once for a reader of /proc/PID/mem (fs/userfaultfd.c, handle_userfault() without FAULT_FLAG_ALLOW_RETRY).
 */
export class UnansweredPages {
  readonly #pid: number;
  readonly #files: MappedFiles;
  readonly #pagemap: Pagemap;
  readonly #fileSystems: FileSystems;
  readonly #hasAllFiles: boolean;
  /** By path: a library has four mappings. */
  readonly #mayBlock = new Map<string, boolean>();

  constructor(
    pid: number,
    { files, hasAllFiles }: Pick<CoreHead, 'files' | 'hasAllFiles'>,
    { pagemap, fileSystems }: { pagemap: Pagemap; fileSystems: FileSystems },
  ) {
    this.#pid = pid;
    this.#files = new MappedFiles(files);
    this.#hasAllFiles = hasAllFiles;
    this.#pagemap = pagemap;
    this.#fileSystems = fileSystems;
  }

  /** How many of `count` pages from `first` on can be read, up to the first that may not be answered. */
  readable(first: number, count: number): number {
    for (let index = 0; index < count; index += 1) {
      const file = this.#files.at((first + index) * PAGE_BYTES);
      if (file === null && this.#hasAllFiles) continue;
      if (this.#pagemap.isBacked(first + index)) continue;
      // Where not all files are told, any page may be of one.
      if (file === null || this.#mayFileBlock(file)) return index;
    }
    return count;
  }

  #mayFileBlock({ path, start, end }: MappedFile): boolean {
    const key = path.toString('latin1');
    let mayBlock = this.#mayBlock.get(key);
    if (mayBlock === undefined) {
      mayBlock = this.#fileSystems.mayBlockAt(
        `/proc/${this.#pid}/map_files/${start.toString(16)}-${end.toString(16)}`,
        path,
      );
      this.#mayBlock.set(key, mayBlock);
    }
    return mayBlock;
  }
}
