import type { Stats } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import { parseMaps } from './proc/parse-maps.ts';
import { readProcFile } from './read-proc-file.ts';

/** As in process-snapshot.ts. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Which files a process has mapped, as /proc/PID/maps tells: read when somebody asks. */
export class MappedInodes {
  readonly #pid: number;
  #files: Map<bigint, string> | null = null;

  /** @param pid Held. */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /**
   * Whether a file is the one that is mapped at an address.
   *
   * @param start Where the mapping begins.
   */
  isAt(start: bigint, { dev, ino }: Stats): boolean {
    this.#files ??= readFiles(this.#pid);
    // As fs/proc/task_mmu.c writes it; the two halves of a dev_t: makedev(3).
    const major = Math.floor(dev / 0x100) & 0xfff;
    const minor = (dev & 0xff) | (Math.floor(dev / 0x1000) & 0xfff00);
    const hex = (number: number) => number.toString(16).padStart(2, '0');
    return this.#files.get(start) === `${hex(major)}:${hex(minor)} ${ino}`;
  }
}

function readFiles(pid: number): Map<bigint, string> {
  const files = new Map<bigint, string>();
  let bytes: Buffer;
  try {
    ({ bytes } = asRoot(() => readProcFile(`/proc/${pid}/maps`, MAX_BYTES)));
  } catch {
    return files; // Gone: then nothing is certain.
  }
  for (const { start, device, inode } of parseMaps(bytes)) {
    if (inode !== 0) files.set(start, `${device} ${inode}`);
  }
  return files;
}
