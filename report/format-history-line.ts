import { bytesOfText, textOfBytes } from './bytes-text.ts';
import type { HistoryEntry } from './history.ts';

/** Longest line of the history with its newline: one write of it is one block at most, whole or torn. */
export const MAX_HISTORY_LINE_BYTES = 4096;

/** Bytes of JSON that each free text may take; all of them and the rest of the line stay within the limit. */
const ALLOWED_BYTES = { host: 260, program: 900, unit: 400, signature: 700, reason: 400, other: 120 };

/**
 * The line of an entry, without its newline: always under {@link MAX_HISTORY_LINE_BYTES}. Texts that are too long are
 * cut, names at the front (the end of a path says more), with `…` in the place of what is gone.
 */
export function formatHistoryLine(entry: HistoryEntry): string {
  const { at, signature, durations } = entry;
  const line = {
    at: { iso: cutEnd(at.iso, ALLOWED_BYTES.other), us: at.us },
    boot: cutEnd(entry.boot, ALLOWED_BYTES.other),
    host: cutEnd(entry.host, ALLOWED_BYTES.host),
    pid: entry.pid,
    uid: entry.uid,
    program: cutFront(entry.program, ALLOWED_BYTES.program),
    unit: cutFront(entry.unit, ALLOWED_BYTES.unit),
    signal: cutEnd(entry.signal, ALLOWED_BYTES.other),
    quickKey: cutEnd(entry.quickKey, ALLOWED_BYTES.other),
    signature: signature && {
      text: cutEnd(signature.text, ALLOWED_BYTES.signature),
      hash: cutEnd(signature.hash, ALLOWED_BYTES.other),
    },
    crashId: cutEnd(entry.crashId, ALLOWED_BYTES.other),
    slot: entry.slot,
    repeatOf: cutEnd(entry.repeatOf, ALLOWED_BYTES.other),
    collected: cutEnd(entry.collected, ALLOWED_BYTES.other),
    reason: cutEnd(entry.reason, ALLOWED_BYTES.reason),
    durations: durations && {
      heldMs: rounded(durations.heldMs),
      analysisMs: rounded(durations.analysisMs),
      publishedMs: rounded(durations.publishedMs),
    },
  };
  return JSON.stringify(line);
}

function cutEnd<Text extends string | null>(text: Text, limit: number): Text | string {
  if (text === null || jsonBytes(text) <= limit) return text;
  return `${longest([...text.slice(0, limit)], limit, (part) => part.join(''))}…`;
}

function cutFront(text: string | null, limit: number): string | null {
  if (text === null || jsonBytes(text) <= limit) return text;
  // Cut as bytes, so that no escape is cut in two.
  const reversed = [...bytesOfText(text).subarray(-limit)].reverse();
  return `…${longest(reversed, limit, (part) => textOfBytes(Uint8Array.from(part).reverse()))}`;
}

/** The longest beginning of `items` whose JSON is within the limit, with room for the sign that something is gone. */
function longest<Item>(items: Item[], limit: number, textOf: (part: Item[]) => string): string {
  let from = 0;
  let to = items.length;
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (jsonBytes(textOf(items.slice(0, middle))) + 3 <= limit) from = middle;
    else to = middle - 1;
  }
  return textOf(items.slice(0, from));
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** Microseconds are enough, and no number then has twenty digits. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
