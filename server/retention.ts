import { statfs } from 'node:fs/promises';
import type { Logger } from 'winston';
import { amountInBytes } from '../config/amount.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { type Excess, excessOf, outlived, type RetentionLimits } from './bounds.ts';
import { evictionOrder } from './eviction-order.ts';
import { freeSlot } from './slots.ts';
import { type StoredReport, StoredReports } from './stored-reports.ts';

/** Crashes that wait for their reports take room as well. */
export interface Waiting {
  readonly bytes: number;
  /** Gives up what has waited for longer than `maxAgeMs`, and then the oldest until `bytes` are free. */
  drop(limits: { bytes: number; maxAgeMs: number }): Promise<void>;
}

/**
 * Keeps reports within their number, their bytes and their age; which gives way first is told in eviction-order.ts, and
 * crashes that wait do so after all reports. The bounds always win. Whoever calls {@link apply} or {@link nextSlot} must be
 * the only one who publishes meanwhile.
 */
export class Retention {
  readonly #logDir: string;
  readonly #limits: RetentionLimits;
  readonly #reports: StoredReports;
  readonly #parts: { waiting: Waiting; log: Logger };
  #reportBytes = 0;
  #evicted = 0;

  constructor(logDir: string, limits: RetentionLimits, parts: { waiting: Waiting; log: Logger }) {
    this.#logDir = logDir;
    this.#limits = limits;
    this.#reports = new StoredReports(logDir);
    this.#parts = parts;
  }

  /** Reports that gave way since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The slot of the next report: a free one, else that of the report which is first to give way. */
  async nextSlot(): Promise<{ slot: number; replaces: StoredReport | null }> {
    const { free, blocked } = await freeSlot(this.#logDir, this.#limits.slots);
    if (free !== null) return { slot: free, replaces: null };
    const ours = (await this.#reports.list()).filter(
      ({ slot }) => slot < this.#limits.slots && !blocked.has(slot),
    );
    const [replaces = null] = evictionOrder(ours);
    return { slot: replaces?.slot ?? 0, replaces };
  }

  /** A new report has taken the place of another. */
  replaced(report: StoredReport): void {
    this.#tell(report, `all ${this.#limits.slots} slots were taken`);
  }

  /**
   * Removes what is over the bounds. Never throws.
   *
   * @param wantedBytes Room that somebody wants besides, for which reports give way, and waiting crashes do not.
   */
  async apply(wantedBytes = 0): Promise<void> {
    try {
      await this.#reports.removeLeftovers();
      const kept = await this.#withoutOld(evictionOrder(await this.#reports.list()));
      this.#reportBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const report of kept) {
        const excess = await this.#excess(wantedBytes);
        if (excess === null) break;
        await this.#evict(report, excess.reason);
        this.#reportBytes -= report.bytes;
      }
      const bytes = (await this.#excess(0))?.bytes ?? 0;
      await this.#parts.waiting.drop({ bytes, maxAgeMs: this.#limits.maxAgeMs });
    } catch (error) {
      this.#parts.log.error('retention-failed', { error: messageOf(error) });
    }
  }

  /**
   * Whether a crash may be stored, whose files are on the disk but have no names yet.
   *
   * @returns Why not, for the history; null where there is room.
   */
  async lacks(bytes: number): Promise<string | null> {
    return (await this.#excess(bytes))?.reason ?? null;
  }

  /** Without those that are over their age or their number. */
  async #withoutOld(reports: readonly StoredReport[]): Promise<StoredReport[]> {
    const kept: StoredReport[] = [];
    for (const report of reports) {
      const reason = outlived(report, this.#limits, Date.now());
      if (reason === null) kept.push(report);
      else await this.#evict(report, reason);
    }
    return kept;
  }

  /** By how much the bounds are exceeded with so many bytes more; null where they are not. */
  async #excess(moreBytes: number): Promise<Excess | null> {
    const { bsize, blocks, bavail } = await statfs(this.#logDir);
    return excessOf({
      takes: this.#reportBytes + this.#parts.waiting.bytes + moreBytes,
      may: amountInBytes(this.#limits.maxBytes, blocks * bsize),
      free: bavail * bsize,
      keepFree: amountInBytes(this.#limits.keepFree, blocks * bsize),
    });
  }

  async #evict(report: StoredReport, reason: string): Promise<void> {
    await this.#reports.remove(report.name);
    this.#tell(report, reason);
  }

  #tell({ name, crashId, bytes }: StoredReport, reason: string): void {
    this.#evicted += 1;
    this.#parts.log.info('report-evicted', { name, crashId, bytes, reason });
  }
}
