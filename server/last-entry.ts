import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../linux/system-call-error.ts';
import { type HistoryEntry, parseHistoryLine } from '../report/history.ts';

/** Bytes of the history's end that are looked at, some 2,000 crashes: a server that was killed wrote its line last. */
const TAIL_BYTES = 1024 * 1024;
/** The newest first; see history-writer.ts. */
const FILES = ['history', 'history.1'];

/**
 * What the end of the history says last of a crash.
 *
 * @returns Null where it says nothing; the crash may still have an old line.
 * @throws Node's error where a file is there and cannot be read.
 */
export async function lastEntryOf(logDir: string, crashId: string): Promise<HistoryEntry | null> {
  let leftBytes = TAIL_BYTES;
  for (const name of FILES) {
    const tail = await tailOf(join(logDir, name), leftBytes);
    for (const line of tail.toString('utf8').split('\n').toReversed()) {
      const entry = line.includes(crashId) ? parseHistoryLine(line) : null;
      if (entry?.crashId === crashId) return entry;
    }
    leftBytes -= tail.length;
  }
  return null;
}

/** The last bytes of a file; none where it does not exist. */
async function tailOf(path: string, maxBytes: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const length = Math.min(size, maxBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return Buffer.alloc(0);
    throw error;
  }
}
