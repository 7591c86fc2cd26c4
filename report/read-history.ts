import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_HISTORY_LINE_BYTES } from './format-history-line.ts';
import { type HistoryEntry, parseHistoryLine } from './history.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** A crash's own id in a line; within a text the quotes would be escaped. */
const CRASH_ID = /"crashId":"([^"]*)"/;

/**
 * The crashes in the history, over all rotated files: `history.4` ... `history.1`, `history`. A crash is told once, as
 * its last line says: one that waited has another line when it is published. Oldest line first.
 *
 * Lines that are torn, too long or no entries are skipped and counted in {@link HistoryReader.skipped}. The files are
 * opened together, newest first, and one that was rotated between two opens is read once. They are read twice: what is
 * remembered of them is only which line is a crash's last.
 */
export class HistoryReader implements AsyncIterable<HistoryEntry> {
  readonly #source: string | readonly string[];
  /** Lines skipped so far. */
  skipped = 0;

  /** @param source The log directory, or the files from the oldest to the newest. A missing one is empty. */
  constructor(source: string | readonly string[]) {
    this.#source = source;
  }

  /** @throws Node's error where a file is there and cannot be read. */
  async *[Symbol.asyncIterator](): AsyncIterator<HistoryEntry> {
    const paths = typeof this.#source === 'string' ? await historyPaths(this.#source) : this.#source;
    const files = await openAll(paths);
    try {
      const lastLines = await lastLinesOf(files);
      let number = 0;
      for await (const line of linesOf(files)) {
        number += 1;
        if (line === '') continue;
        const entry = line === null ? null : parseHistoryLine(line);
        if (entry === null) this.skipped += 1;
        else if (number === (lastLines.get(entry.crashId ?? '') ?? number)) yield entry;
      }
    } finally {
      await Promise.allSettled(files.map(({ handle }) => handle.close()));
    }
  }
}

/** Number of the last line of every crash. A line that is no entry counts only where there is no other. */
async function lastLinesOf(files: readonly HistoryFile[]): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  let number = 0;
  for await (const line of linesOf(files)) {
    number += 1;
    const crashId = line === null ? undefined : CRASH_ID.exec(line)?.[1];
    if (line === null || crashId === undefined) continue;
    if (!last.has(crashId) || parseHistoryLine(line)?.crashId === crashId) last.set(crashId, number);
  }
  return last;
}

/** Reads the history, see {@link HistoryReader}: `for await (const entry of readHistory(logDir))`. */
export function readHistory(source: string | readonly string[]): HistoryReader {
  return new HistoryReader(source);
}

/** Oldest first; always with `history` itself, which the server may be rotating at this moment. */
async function historyPaths(logDir: string): Promise<string[]> {
  let names: string[] = [];
  try {
    names = await readdir(logDir);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const numbers = names.map((name) => Number(/^history\.([1-9]\d{0,3})$/.exec(name)?.[1] ?? 0));
  const newest = Math.max(...numbers, 0);
  // One more than there was: a rotation may add it before we come to open it.
  const rotated = Array.from({ length: newest + 1 }, (_, at) => `history.${newest + 1 - at}`);
  return [...rotated, 'history'].map((name) => join(logDir, name));
}

/** A file as long as it was when it was opened: what is added since is not looked at. */
interface HistoryFile {
  handle: FileHandle;
  bytes: number;
}

async function openAll(oldestFirst: readonly string[]): Promise<HistoryFile[]> {
  const files: HistoryFile[] = [];
  const seen = new Set<string>();
  try {
    for (const path of oldestFirst.toReversed()) {
      const handle = await openRegular(path);
      if (handle === null) continue;
      const file = { handle, bytes: 0 };
      files.unshift(file);
      const { dev, ino, size } = await handle.stat();
      file.bytes = size;
      if (seen.has(`${dev}:${ino}`)) await files.shift()?.handle.close();
      seen.add(`${dev}:${ino}`);
    }
    return files;
  } catch (error) {
    await Promise.allSettled(files.map(({ handle }) => handle.close()));
    throw error;
  }
}

/** Null where there is none, or something that is no file. */
async function openRegular(path: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Lines without their newline; null for one that is longer than any that was written as a whole. */
async function* linesOf(files: readonly HistoryFile[]): AsyncGenerator<string | null> {
  for (const file of files) yield* linesIn(file);
}

async function* linesIn({ handle, bytes }: HistoryFile): AsyncGenerator<string | null> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const take = (rest: Buffer): string | null => {
    const bytes = begunBytes + rest.length;
    const line = bytes > MAX_HISTORY_LINE_BYTES ? null : Buffer.concat([...begun, rest]).toString('utf8');
    begun = [];
    begunBytes = 0;
    return line;
  };
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, bytes - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    let from = 0;
    for (
      let end = chunk.indexOf(NEWLINE);
      end !== -1 && end < bytesRead;
      end = chunk.indexOf(NEWLINE, from)
    ) {
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    if (begunBytes <= MAX_HISTORY_LINE_BYTES) begun.push(Buffer.from(chunk.subarray(from, bytesRead)));
    begunBytes += bytesRead - from;
  }
  if (begunBytes > 0) yield take(Buffer.alloc(0));
}
