import { constants } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../linux/system-call-error.ts';
import type { Ownership } from '../linux/unnamed-file.ts';
import type { LogDirectory } from './log-directory.ts';

/** Name of the file in the log directory; the rotated ones are `history.1` (the newest) to `history.4`. */
const NAME = 'history';
/** At about 500 bytes a line this is some 16,000 crashes a file. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const ROTATED_FILES = 4;
/** Names of all that there may be, the newest first. */
export const HISTORY_FILES: readonly string[] = [
  NAME,
  ...Array.from({ length: ROTATED_FILES }, (_, at) => `${NAME}.${at + 1}`),
];

/** Without O_NONBLOCK a pipe in its place would hold the server. */
const FLAGS =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A line that is to stand in the history. */
export interface NewLine {
  /** Without its newline. */
  line: string;
  /** Whether it is on the disk when it is written; otherwise a power cut may cost it within half a minute. */
  isSynced: boolean;
}

/** Lines that are written at once, at most: in a storm many come while one is written. */
const MAX_LINES = 64;

/**
 * Appends to the history. The server is its only writer; what is appended meanwhile waits here.
 *
 * A write that was cut short (full disk, power) leaves a line without an end: the next one then begins on a fresh
 * line, and readers skip the torn one.
 */
export class HistoryWriter {
  readonly #path: string;
  readonly #ownership: Ownership;
  readonly #directory: LogDirectory;
  #last: Promise<void> = Promise.resolve();

  constructor(logDir: string, { ownership, directory }: { ownership: Ownership; directory: LogDirectory }) {
    this.#path = join(logDir, NAME);
    this.#ownership = ownership;
    this.#directory = directory;
  }

  /**
   * Appends lines, with one write.
   *
   * @returns How many of them, from the first on, stand in the history now: at least one, unless there was none.
   * @throws Node's error where none could be written; later lines are tried all the same.
   */
  append(lines: readonly NewLine[]): Promise<number> {
    const written = this.#last.then(() => this.#write(lines.slice(0, MAX_LINES)));
    this.#last = written.then(
      () => undefined,
      () => undefined, // Whoever called is told; the next line has its own chance.
    );
    return written;
  }

  async #write(lines: readonly NewLine[]): Promise<number> {
    if (lines.length === 0) return 0;
    await this.#directory.check();
    const file = await open(this.#path, FLAGS, this.#ownership.mode);
    try {
      const status = await file.stat();
      const isOurs = status.isFile() && status.uid === process.getuid?.();
      if (!isOurs) throw new Error(`${this.#path} is not a file of ours (uid ${status.uid})`);
      const { size } = status;
      if (size === 0) {
        await file.chmod(this.#ownership.mode);
        if (this.#ownership.group !== null) await file.chown(0, this.#ownership.group);
      }
      const end = Buffer.alloc(1);
      const isTorn = size > 0 && (await file.read(end, 0, 1, size - 1)).bytesRead === 1 && end[0] !== 0x0a;
      const mending = isTorn ? '\n' : '';
      const bytes = Buffer.from(`${mending}${lines.map(({ line }) => line).join('\n')}\n`);
      const { bytesWritten } = await file.write(bytes);
      if (lines.some(({ isSynced }) => isSynced)) await file.datasync();
      if (size + bytesWritten > MAX_FILE_BYTES) await this.#rotate();
      if (bytesWritten === bytes.length) return lines.length;
      const whole = bytes.toString('utf8', mending.length, bytesWritten).split('\n').length - 1;
      if (whole === 0) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes written`);
      return whole;
    } finally {
      await file.close();
    }
  }

  async #rotate(): Promise<void> {
    for (let number = ROTATED_FILES - 1; number >= 0; number -= 1) {
      try {
        await rename(number === 0 ? this.#path : `${this.#path}.${number}`, `${this.#path}.${number + 1}`);
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
      }
    }
  }
}
