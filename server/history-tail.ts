import { join } from 'node:path';
import { type HistoryEntry, parseHistoryLine } from '../report/history.ts';
import { openIfThere } from './open-if-there.ts';

/** Bytes of the history's end that are looked at, some 2,000 crashes: a server that was killed wrote its line last. */
const TAIL_BYTES = 1024 * 1024;
/** The newest first; see history-writer.ts. */
const FILES = ['history', 'history.1'];
const NEWLINE = 0x0a;

/** The end of the history as it is when it is first asked: read once, for all crashes that are looked for in it. */
export class HistoryTail {
  readonly #logDir: string;
  #read: Promise<Buffer> | null = null;

  constructor(logDir: string) {
    this.#logDir = logDir;
  }

  /**
   * What is said last of a crash.
   *
   * @returns Null where nothing is; the crash may still have an old line.
   * @throws Node's error where a file is there and cannot be read.
   */
  async lastOf(crashId: string): Promise<HistoryEntry | null> {
    this.#read ??= readTail(this.#logDir);
    const bytes = await this.#read;
    // A repeat's line holds two ids: that of the crash is told by its name.
    const key = `"crashId":"${crashId}"`;
    for (let at = bytes.lastIndexOf(key); at !== -1; at = bytes.lastIndexOf(key, at - 1)) {
      const end = bytes.indexOf(NEWLINE, at);
      const line = bytes.toString(
        'utf8',
        bytes.lastIndexOf(NEWLINE, at) + 1,
        end === -1 ? bytes.length : end,
      );
      const entry = parseHistoryLine(line);
      if (entry?.crashId === crashId) return entry;
      if (at === 0) break;
    }
    return null;
  }
}

/** The end of both files, the newest lines last. */
async function readTail(logDir: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let leftBytes = TAIL_BYTES;
  for (const name of FILES) {
    const tail = await tailOf(join(logDir, name), leftBytes);
    parts.unshift(tail);
    leftBytes -= tail.length;
  }
  return Buffer.concat(parts);
}

/** The last bytes of a file; none where it does not exist. */
async function tailOf(path: string, maxBytes: number): Promise<Buffer> {
  const file = await openIfThere(path);
  if (file === null) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
