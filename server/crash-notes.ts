import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import { gapLine, historyLine, type Outcome } from './history-line.ts';
import type { HistoryWriter, NewLine } from './history-writer.ts';

/** Lines kept in memory while the history cannot be written, some 500 bytes each; the log has those beyond. */
const MAX_UNWRITTEN = 1000;

/**
 * Writes down what became of each crash: a line in the history, and in the log where it was lost. Lines for which there is
 * no room wait for some, in their order.
 */
export class CrashNotes {
  readonly #history: HistoryWriter;
  readonly #log: Logger;
  readonly #noted: (event: CrashEvent, outcome: Outcome) => void;
  readonly #written: (event: CrashEvent) => void;
  #unwritten: NewLine[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** @param options `noted`: called with each crash that is noted, before it is written; `written`: when it is. */
  constructor(
    history: HistoryWriter,
    options: {
      log: Logger;
      noted: (event: CrashEvent, outcome: Outcome) => void;
      written: (event: CrashEvent) => void;
    },
  ) {
    this.#history = history;
    this.#log = options.log;
    this.#noted = options.noted;
    this.#written = options.written;
  }

  /** A history that cannot be written must not cost the report: it is logged, and nothing is thrown. */
  async note(event: CrashEvent, outcome: Outcome): Promise<void> {
    const { crashId } = event;
    const { collected, reason = null } = outcome;
    this.#noted(event, outcome);
    // Its report is about to be forgotten in `.pending`.
    const line = { crashId, isSynced: collected === 'full' };
    if (await this.#put(historyLine(event, outcome), line)) this.#written(event);
    if (collected !== 'not collected') return;
    if (event.excludedBy !== '') this.#log.debug('crash-excluded', { crashId, reason });
    else this.#log.error('crash-not-collected', { crashId, reason });
  }

  /** Writes down that crashes may be missing. Throws nothing, as above. */
  async noteGap(boot: string, reason: string): Promise<void> {
    await this.#put(gapLine(boot, reason), { crashId: null, isSynced: false });
    this.#log.error('ledger-gap', { reason });
  }

  /** @returns Whether it is written. */
  async #put(
    line: string,
    { crashId, isSynced }: { crashId: string | null; isSynced: boolean },
  ): Promise<boolean> {
    this.#unwritten.push({ line, isSynced });
    const failure = await this.writeAll();
    if (failure !== null) {
      this.#log.error('history-failed', { crashId, error: failure, waiting: this.#unwritten.length });
    }
    return failure === null;
  }

  /** Writes what could not be written before. @returns Why it still cannot; null where all is written. */
  writeAll(): Promise<string | null> {
    // Each caller waits for those before him, who may have written his line as well.
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.then(() => undefined);
    return written;
  }

  async #write(): Promise<string | null> {
    try {
      while (this.#unwritten.length > 0) {
        const written = await this.#history.append(this.#unwritten);
        this.#unwritten.splice(0, written);
      }
      return null;
    } catch (error) {
      this.#unwritten.splice(0, Math.max(0, this.#unwritten.length - MAX_UNWRITTEN));
      return messageOf(error);
    }
  }
}
