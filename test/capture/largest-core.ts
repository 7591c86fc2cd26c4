import { madeCore, note } from './made-core.ts';

/** As many as are read: capture/read-core-head.ts, capture/read-notes.ts. */
const SEGMENTS = 262_143;
const FILES = 65_536;
const THREADS = 22_000;

/** The notes of one thread, as large as those of a machine with AVX-512. */
export function threadNotes(tid: number): Buffer {
  const status = Buffer.alloc(336, 1);
  status.writeUInt32LE(tid, 32);
  return Buffer.concat([
    note(1, status),
    note(2, Buffer.alloc(512)),
    note(0x202, Buffer.alloc(2696), 'LINU'),
  ]);
}

/** NT_FILE with this many entries, at every other page from 64 KiB on. */
export function fileNote(paths: readonly string[]): Buffer {
  const list = Buffer.alloc(16 + paths.length * 24);
  list.writeBigUInt64LE(BigInt(paths.length));
  list.writeBigUInt64LE(4096n, 8);
  for (let index = 0; index < paths.length; index += 1) {
    list.writeBigUInt64LE(BigInt(index) * 8192n + 65_536n, 16 + index * 24);
    list.writeBigUInt64LE(BigInt(index) * 8192n + 69_632n, 24 + index * 24);
  }
  const names = Buffer.from(`${paths.join('\0')}\0`);
  return note(0x46494c45, Buffer.concat([list, names, Buffer.alloc(-names.length & 3)]));
}

/** Segments of one page, at the places of {@link fileNote}. */
export function pageSegments(count: number): { start: bigint; bytes: bigint }[] {
  return Array.from({ length: count }, (_, index) => ({
    start: BigInt(index) * 8192n + 65_536n,
    bytes: 4096n,
  }));
}

/** A core of which everything is as large as it is read, and the notes larger. */
export function largestCore(): Buffer {
  const paths = Array.from({ length: FILES }, (_, index) => `/${'x'.repeat(190)}/${index}`);
  const threads = Array.from({ length: THREADS }, (_, index) => threadNotes(5_000_000 + index));
  const notes = Buffer.concat([threadNotes(4242), fileNote(paths), ...threads]);
  return madeCore({ segments: pageSegments(SEGMENTS), notes, count: 0xffff });
}
