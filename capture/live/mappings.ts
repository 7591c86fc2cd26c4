import { closeSync, openSync, readSync } from 'node:fs';
import type { MappedFile, Segment } from '../captured.ts';
import { ELF_MAGIC } from '../elf/elf-magic.ts';
import { FileSystems } from '../file-systems.ts';
import { PAGE_BYTES } from '../page-cache.ts';
import { openPagemap } from '../pagemap.ts';
import { parseMaps } from '../proc/parse-maps.ts';
import { type SmapsEntry, SmapsParser } from '../proc/parse-smaps.ts';
import { MAX_SEGMENTS } from '../read-core-head.ts';
import { readProcFile } from '../read-proc-file.ts';
import { UnansweredPages } from '../unanswered-pages.ts';
import { dumpedSegments } from './dumped-segments.ts';

/** The mappings of a process, and what of them a core would hold. */
export interface Mappings {
  segments: Segment[];
  files: MappedFile[];
  warnings: string[];
}

/** {@link Mappings} with the text that they were made from. */
export interface KnownMappings extends Mappings {
  maps: Buffer;
}

const PIECE_BYTES = 256 * 1024;
/** As in process-snapshot.ts. */
const MAX_MAPS_BYTES = 64 * 1024 * 1024;
/** Default of coredump_filter, for kernels without CONFIG_ELF_CORE's file: core(5). */
const DEFAULT_FILTER = 0x33;

/**
 * Reads the mappings of a process that runs on. smaps counts every page of it, 10 ms a GiB and 5 µs a mapping: time that
 * no process needs to be held for.
 *
 * @param tid Of a thread that has not ended: a main thread that has is without memory.
 * @throws Node's error: EACCES, ENOENT, ESRCH.
 */
export function readMappings(tid: number): KnownMappings {
  const entries = readSmaps(tid);
  const lines = entries.flatMap(({ line }) => [line, NEWLINE]);
  const maps = Buffer.concat(lines);
  const warnings: string[] = [];
  const known = entries.slice(0, MAX_SEGMENTS);
  if (known.length < entries.length)
    warnings.push(`mappings: the first ${known.length} of ${entries.length}`);
  const files = filesIn(maps);
  return { maps, segments: segmentsOf(tid, known, files), files, warnings };
}

/**
 * The mappings of the same process, held now: what was known before where nothing has changed since, which one look at
 * maps tells; else read anew.
 */
export function heldMappings(tid: number, before: KnownMappings): Mappings {
  const { bytes } = readProcFile(`/proc/${tid}/maps`, MAX_MAPS_BYTES);
  return bytes.equals(before.maps) ? before : readMappings(tid);
}

const NEWLINE = Buffer.from('\n');

function readSmaps(tid: number): SmapsEntry[] {
  const fd = openSync(`/proc/${tid}/smaps`, 'r');
  try {
    const parser = new SmapsParser();
    const entries: SmapsEntry[] = [];
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const length = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (length === 0) return entries;
      for (const entry of parser.push(piece.subarray(0, length))) entries.push(entry);
    }
  } finally {
    closeSync(fd);
  }
}

function segmentsOf(tid: number, entries: readonly SmapsEntry[], files: MappedFile[]): Segment[] {
  const pagemap = openPagemap(tid);
  const unanswered = new UnansweredPages(
    tid,
    { files, hasAllFiles: true },
    { pagemap, fileSystems: new FileSystems(tid) },
  );
  const memory = openSync(`/proc/${tid}/mem`, 'r');
  const magic = Buffer.alloc(ELF_MAGIC.length);
  const isElf = (address: bigint) => {
    if (unanswered.readable(Number(address) / PAGE_BYTES, 1) === 0) return false;
    try {
      return readSync(memory, magic, 0, magic.length, address) === magic.length && magic.equals(ELF_MAGIC);
    } catch {
      return false; // Nothing behind it: a file that was cut short.
    }
  };
  try {
    return dumpedSegments(entries, { filter: readFilter(tid), isElf });
  } finally {
    closeSync(memory);
    pagemap.close();
  }
}

function readFilter(tid: number): number {
  try {
    return Number.parseInt(readProcFile(`/proc/${tid}/coredump_filter`, 64).bytes.toString('latin1'), 16);
  } catch {
    return DEFAULT_FILTER;
  }
}

/** File mappings as NT_FILE has them: every mapping with a path. */
function filesIn(maps: Buffer): MappedFile[] {
  const files: MappedFile[] = [];
  for (const { start, end, offset, path } of parseMaps(maps)) {
    if (path?.[0] !== 0x2f) continue;
    files.push({ start, end, offset, path: unescaped(path) });
  }
  return files;
}

/** maps writes a newline in a path as `\012`: proc_pid_maps(5). */
function unescaped(path: Buffer): Buffer {
  return path.includes('\\012')
    ? Buffer.from(path.toString('latin1').replaceAll('\\012', '\n'), 'latin1')
    : path;
}
