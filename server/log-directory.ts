import { lstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'winston';
import { ownDirectory } from '../config/own-directory.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { openUnnamed } from '../linux/unnamed-file.ts';
import { PENDING_DIR } from '../report/pending-files.ts';

/** A directory, whatever it is called by now. */
interface Place {
  path: string;
  dev: number;
  ino: number;
}

/**
 * The log directory as it stands now. Somebody may remove it, put a link or another directory in its place, mount something
 * over it or give it to another user while we run: then nothing of ours is written there, and crashes wait in the run directory
 * until it can be used again.
 */
export class LogDirectory {
  readonly #path: string;
  readonly #log: Logger;
  readonly #opened: () => Promise<void>;
  #held: { lock: FileHandle; places: Place[]; hasLinks: boolean } | null = null;
  #opening: Promise<void> | null = null;
  /** Why it could not be used when that was said last. */
  #told: string | null = null;

  /** @param parts `opened`: called when it can be used, at first and each time that it is another one than before. */
  constructor(path: string, parts: { log: Logger; opened: () => Promise<void> }) {
    this.#path = path;
    this.#log = parts.log;
    this.#opened = parts.opened;
  }

  /**
   * Is to be called before anything is read or written there.
   *
   * @throws {UsercrashError} E_NOT_OURS, E_ALREADY_RUNNING; Node's error where it can be neither written nor made (EROFS, ENOSPC).
   */
  async check(): Promise<void> {
    if (this.#held?.places.every(isStillOurs)) return;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Whether files get their names by links, and not as copies: linux/name-file.ts. */
  get hasLinks(): boolean {
    return this.#held?.hasLinks ?? true;
  }

  async close(): Promise<void> {
    await this.#held?.lock.close();
    this.#held = null;
  }

  async #open(): Promise<void> {
    try {
      await this.close();
      const pending = join(this.#path, PENDING_DIR);
      ownDirectory(this.#path, 0o755, 'USERCRASH_LOG_DIR');
      ownDirectory(pending, 0o700, 'USERCRASH_LOG_DIR');
      const lock = await lockDirectory(this.#path);
      this.#held = { lock, places: [this.#path, pending].map(placeOf), hasLinks: true };
      this.#held.hasLinks = await hasUnnamedFiles(this.#path);
      await this.#opened();
    } catch (error) {
      await this.close();
      const why = messageOf(error);
      if (why !== this.#told) this.#log.error('log-directory-unusable', { error: why });
      this.#told = why;
      throw error;
    }
    if (this.#told !== null) this.#log.info('log-directory-usable', { logDir: this.#path });
    this.#told = null;
  }
}

function placeOf(path: string): Place {
  const { dev, ino } = lstatSync(path);
  return { path, dev, ino };
}

function isStillOurs({ path, dev, ino }: Place): boolean {
  const now = lstatSync(path, { throwIfNoEntry: false });
  return now?.dev === dev && now.ino === ino && now.uid === 0 && (now.mode & 0o022) === 0;
}

async function hasUnnamedFiles(directory: string): Promise<boolean> {
  try {
    const file = await openUnnamed(directory, { mode: 0o600, group: null });
    await file.close();
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOTSUP')) return false;
    if (hasErrno(error, 'ENOSPC', 'EDQUOT')) return true;
    throw error;
  }
}

/** Keeps a second server from the reports of the first, whichever run directories they have. */
async function lockDirectory(logDir: string): Promise<FileHandle> {
  const directory = await open(logDir, 'r');
  if (tryLock(directory.fd)) return directory;
  await directory.close();
  throw new UsercrashError('E_ALREADY_RUNNING', `A server already publishes into ${logDir}`, {
    fix: 'Stop it first, or choose another USERCRASH_LOG_DIR.',
  });
}
