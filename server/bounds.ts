import type { Amount } from '../config/amount.ts';
import { readableBytes, readableDuration } from '../report/readable-amounts.ts';
import type { StoredReport } from './stored-reports.ts';

const DAY_MS = 86_400_000;

/** What is kept at most. */
export interface RetentionLimits {
  slots: number;
  /** Of reports and waiting crashes together. */
  maxBytes: Amount;
  /** On the file system, whoever takes the rest. */
  keepFree: Amount;
  maxAgeMs: number;
}

/** By how much bounds are exceeded, and which, in words. */
export interface Excess {
  bytes: number;
  reason: string;
}

/** Why a report goes, however much room there is; null where it may stay. */
export function outlived(
  { slot, atMs }: StoredReport,
  { slots, maxAgeMs }: Pick<RetentionLimits, 'slots' | 'maxAgeMs'>,
  nowMs: number,
): string | null {
  // Of slots that there are no more since their number was set lower.
  if (slot >= slots) return `there are ${slots} slots`;
  if (nowMs - atMs <= maxAgeMs) return null;
  return `older than ${maxAgeMs % DAY_MS === 0 ? `${maxAgeMs / DAY_MS} days` : readableDuration(maxAgeMs)}`;
}

/**
 * By how much the bounds are exceeded; null where they are not. All in bytes.
 *
 * @param room `takes`: what reports and waiting crashes take, of what they `may`. `free`: on the file system, where `keepFree` are to
 *   stay so.
 */
export function excessOf({
  takes,
  may,
  free,
  keepFree,
}: Record<'takes' | 'may' | 'free' | 'keepFree', number>): Excess | null {
  const over = takes - may;
  const lacking = keepFree - free;
  if (over <= 0 && lacking <= 0) return null;
  const reason =
    over > 0
      ? `reports and waiting crashes would take ${readableBytes(takes)}, and may take ${readableBytes(may)}`
      : `${readableBytes(free)} are free on the file system, and ${readableBytes(keepFree)} are to stay free`;
  return { bytes: Math.max(over, lacking), reason };
}
