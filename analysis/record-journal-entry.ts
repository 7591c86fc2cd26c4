import { textOfBytes } from '../report/bytes-text.ts';
import { instantOf } from '../report/instant.ts';
import type { JournalEntry } from '../report/record.ts';
import type { JournalEntry as ReadEntry } from '../systemd/journal-reader/src/index.ts';

/** What {@link recordJournalEntry} needs of an entry. */
export const RECORD_FIELDS = [
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_IDENTIFIER',
  '_COMM',
  '_PID',
  'SYSLOG_PID',
  'UNIT',
  '_SYSTEMD_UNIT',
] as const;

/** Names that a program may choose freely are cut here, in bytes: nobody reads on. */
export const MAX_NAME_BYTES = 256;

/**
 * An entry of the journal as the record has it.
 *
 * @param why `process`, `unit`, `machine` or `kernel`.
 * @param maxMessageBytes A longer message is cut and ends with the words `[cut at N bytes]`.
 */
export function recordJournalEntry(entry: ReadEntry, why: string, maxMessageBytes: number): JournalEntry {
  const pid = entry.integer('_PID') ?? entry.integer('SYSLOG_PID');
  // systemd itself says in UNIT= whom it means; anybody else could claim anything there.
  const told = entry.integer('_PID') === 1 ? entry.bytes('UNIT') : undefined;
  return {
    at: instantOf(entry.realtimeUs),
    pid: pid !== undefined && pid >= 0 ? pid : null,
    identifier: nameOf(entry.bytes('SYSLOG_IDENTIFIER') ?? entry.bytes('_COMM')),
    unit: nameOf(told ?? entry.bytes('_SYSTEMD_UNIT')),
    priority: entry.priority ?? null,
    message: messageOfEntry(entry, maxMessageBytes),
    why,
  };
}

function messageOfEntry(entry: ReadEntry, maxBytes: number): string {
  const bytes = entry.bytes('MESSAGE') ?? Buffer.alloc(0);
  const isCut = bytes.length > maxBytes || entry.omitted.some((what) => what.startsWith('MESSAGE: cut'));
  return isCut ? `${textOfBytes(cutWhole(bytes, maxBytes))} [cut at ${maxBytes} bytes]` : textOfBytes(bytes);
}

function nameOf(bytes: Buffer | undefined): string | null {
  return bytes === undefined ? null : textOfBytes(cutWhole(bytes, MAX_NAME_BYTES));
}

/** At most `maxBytes`, and not in the middle of a UTF-8 character (at most three bytes follow a first one). */
function cutWhole(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < maxBytes) return bytes;
  const cut = bytes.subarray(0, maxBytes);
  for (let back = 1; back <= 3 && back <= cut.length; back++) {
    const byte = cut[cut.length - back] ?? 0;
    if (byte < 0x80) return cut;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? cut.subarray(0, -back) : cut;
  }
  return cut;
}
