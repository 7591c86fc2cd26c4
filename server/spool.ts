import type { FileHandle } from 'node:fs/promises';
import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import { nameFile } from '../linux/name-file.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { openIfThere } from './open-if-there.ts';
import { type PendingCrash, PendingStore } from './pending-store.ts';

/** How a crash is brought over: its event first, `captured` last, as everywhere (report/pending-files.ts). */
const FILES = ['event', 'core', 'captured'] as const;

/** How long a client may take from a crash's first file to its last. */
const BEGUN_MS = 60_000;

/**
 * Crashes that clients keep in the run directory, in memory, while the log directory cannot be used
 * (client/keeping-place.ts): brought into `.pending` as soon as it can be.
 */
export class Spool {
  readonly #spooled: PendingStore;
  readonly #store: PendingStore;
  readonly #log: Logger;

  /** @param parts `store`: where they go. */
  constructor(runDir: string, parts: { store: PendingStore; log: Logger }) {
    this.#spooled = new PendingStore(runDir);
    this.#store = parts.store;
    this.#log = parts.log;
  }

  get directory(): string {
    return this.#spooled.directory;
  }

  /** @throws Node's error where the run directory cannot be written. */
  prepare(): Promise<void> {
    return this.#spooled.prepare();
  }

  /** What waits here, the oldest first. */
  list(): Promise<PendingCrash[]> {
    return this.#spooled.list();
  }

  /** Whether a crash waits here. */
  has(crashId: string): Promise<boolean> {
    return this.#spooled.has(crashId);
  }

  /** Brings over what is whole, the oldest first. Where there is no room the rest stays. Never throws. */
  async takeOver(): Promise<void> {
    try {
      for (const crash of await this.#spooled.list()) await this.#bring(crash);
    } catch (error) {
      this.#log.error('spool-failed', { error: messageOf(error) });
    }
  }

  async #bring(crash: PendingCrash): Promise<void> {
    const { crashId, state } = crash;
    const opened: (FileHandle | null)[] = [];
    try {
      for (const name of FILES) opened.push(await openIfThere(crash.files[name]));
      const captured = opened.at(-1);
      // Somebody is at work on it; or whoever began it was killed, and its event is all that there will be.
      if (captured != null ? !tryLock(captured.fd) : !(await this.#isAlone(crashId))) return;
      const names = this.#store.filesOf(crashId);
      for (const [index, name] of FILES.entries()) await nameIfOpen(opened[index], names[name]);
      await this.#spooled.remove(crashId);
      this.#log.info('crash-from-spool', { crashId, state });
    } finally {
      // Where it failed midway what has its name already stays for the next try.
      for (const file of opened) await file?.close();
    }
  }

  /** Whether all that a client wanted to keep of a crash is its event: it is a repeat, or excluded; or it is old. */
  async #isAlone(crashId: string): Promise<boolean> {
    const event = await this.#spooled.eventOf(crashId);
    if (event !== null && (event.repeatOf !== '' || event.excludedBy !== '')) return true;
    return (await this.#spooled.ageMs(crashId)) > BEGUN_MS;
  }
}

/** A name that is there already is one of an earlier try. */
async function nameIfOpen(file: FileHandle | null | undefined, path: string): Promise<void> {
  if (file == null) return;
  try {
    await nameFile(file.fd, path);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
}
