import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tryLock } from '../linux/flock.ts';
import type { Ownership } from '../linux/unnamed-file.ts';
import { openUnnamedOrMemory } from '../linux/unnamed-or-memory.ts';

/**
 * The files of one crash while it has no name, or only one in `.pending`. The descriptors go to the client; whatever
 * it writes is here too.
 */
export class ReportFiles {
  readonly text: FileHandle;
  readonly json: FileHandle;
  readonly core: FileHandle;
  readonly captured: FileHandle;

  private constructor(text: FileHandle, json: FileHandle, core: FileHandle, captured: FileHandle) {
    this.text = text;
    this.json = json;
    this.core = core;
    this.captured = captured;
  }

  /**
   * Four unnamed files in the log directory, for a new crash.
   *
   * @throws Node's error where the directory cannot be written (ENOSPC, EROFS, ENOENT).
   */
  static async create(logDir: string, ownership: Ownership): Promise<ReportFiles> {
    return ReportFiles.#from(4, () => openUnnamedOrMemory(logDir, ownership));
  }

  /** The captured pair of a crash in `.pending`, and two unnamed files for its report. */
  static async resume(
    logDir: string,
    ownership: Ownership,
    pending: { core: string; captured: string },
  ): Promise<ReportFiles> {
    const flags = constants.O_RDWR | constants.O_NOFOLLOW;
    const paths = [null, null, pending.core, pending.captured];
    return ReportFiles.#from(4, (index) => {
      const path = paths[index] ?? null;
      return path === null ? openUnnamedOrMemory(logDir, ownership) : open(path, flags);
    });
  }

  /** Opens files one after the other; where one fails, closes those before it. */
  static async #from(count: number, openOne: (index: number) => Promise<FileHandle>): Promise<ReportFiles> {
    const opened: FileHandle[] = [];
    try {
      for (let index = 0; index < count; index += 1) opened.push(await openOne(index));
      const [text, json, core, captured] = opened;
      if (!text || !json || !core || !captured) throw new RangeError('four files were asked for');
      // The lock belongs to the open file that client and server share: it tells a later server that one of them
      // is still at work.
      tryLock(captured.fd);
      return new ReportFiles(text, json, core, captured);
    } catch (error) {
      await Promise.allSettled(opened.map((file) => file.close()));
      throw error;
    }
  }

  /** In the order of ReportGranted. */
  get descriptors(): number[] {
    return [this.text.fd, this.json.fd, this.core.fd, this.captured.fd];
  }

  /** Whether there is a report in them at all. */
  async hasReport(): Promise<boolean> {
    return (await hasBytes(this.text)) && (await hasBytes(this.json));
  }

  /** Whether there is anything that a report could be made of; a crash may have no core. */
  hasCapture(): Promise<boolean> {
    return hasBytes(this.captured);
  }

  /** What was captured takes on the disk. */
  async capturedBytes(): Promise<number> {
    const [core, captured] = await Promise.all([this.core.stat(), this.captured.stat()]);
    return (core.blocks + captured.blocks) * 512;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.text, this.json, this.core, this.captured].map((file) => file.close()));
  }
}

async function hasBytes(file: FileHandle): Promise<boolean> {
  return (await file.stat()).size > 0;
}
