import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'winston';
import { messageOf } from '../../errors/usercrash-error.ts';

/** Name in the run directory. */
export const STATUS_FILE = 'status.json';
const PERIOD_MS = 1_000;

/**
 * Keeps a JSON file that says how things stand, for whoever asks: written whole or not at all, at most once a second, and
 * only when something has changed.
 */
export class StatusFile {
  readonly #path: string;
  readonly #log: Logger;
  readonly #status: () => object;
  #timer: NodeJS.Timeout | null = null;
  #hasFailed = false;

  /** @param status What is to be in it now. */
  constructor(runDir: string, status: () => object, log: Logger) {
    this.#path = join(runDir, STATUS_FILE);
    this.#status = status;
    this.#log = log;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.write(), PERIOD_MS).unref();
  }

  /** Writes it now. A full disk must not harm the collection: it is logged once. */
  write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const temporary = `${this.#path}.tmp`;
    try {
      rmSync(temporary, { force: true });
      writeFileSync(temporary, `${JSON.stringify(this.#status(), null, 2)}\n`, { flag: 'wx', mode: 0o644 });
      renameSync(temporary, this.#path);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#log.warn('status-not-written', { error: messageOf(error) });
      this.#hasFailed = true;
    }
  }

  /** What stands in the file; null where there is none, or it is none of ours. */
  read(): object | null {
    try {
      const parsed: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      return typeof parsed === 'object' ? parsed : null;
    } catch {
      return null; // No server before this one, or an older one.
    }
  }
}
