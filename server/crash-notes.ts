import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import { historyLine, type Outcome } from './history-line.ts';
import type { HistoryWriter } from './history-writer.ts';

/** Writes down what became of each crash: a line in the history, and in the log where it was lost. */
export class CrashNotes {
  readonly #history: HistoryWriter;
  readonly #log: Logger;

  constructor(history: HistoryWriter, log: Logger) {
    this.#history = history;
    this.#log = log;
  }

  /** A history that cannot be written must not cost the report: it is logged, and nothing is thrown. */
  async note(event: CrashEvent, outcome: Outcome): Promise<void> {
    const { crashId } = event;
    const { collected, reason = null } = outcome;
    try {
      await this.#history.append(historyLine(event, outcome));
    } catch (error) {
      this.#log.error('history-failed', { crashId, error: messageOf(error) });
    }
    if (collected === 'not collected') this.#log.error('crash-not-collected', { crashId, reason });
  }
}
