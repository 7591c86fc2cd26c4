import { dirname } from 'node:path';

/** One name in an archive; it belongs to root. */
export interface TarEntry {
  /** Without a slash at its beginning or end; at most 100 bytes with the prefix. */
  path: string;
  /** Permissions: 0o755. */
  mode: number;
  /** A file's bytes, a symbolic link's target, or a directory. */
  what: { bytes: Uint8Array } | { link: string } | 'directory';
}

const BLOCK = 512;

/**
 * A tar archive (ustar, POSIX.1-1988) that depends on nothing but its arguments: entries in the order of their paths, all root's, and
 * the directories that they lie in.
 *
 * @param seconds The time that every entry bears, since the epoch.
 * @param prefix What every path begins with in the archive: `./`, `usercrash-0.1.0/`.
 * @throws {RangeError} If a path is too long for a header.
 */
export function tar(entries: readonly TarEntry[], seconds: number, prefix: string): Buffer {
  const all = new Map<string, TarEntry>([['', { path: '', mode: 0o755, what: 'directory' }]]);
  for (const entry of entries) {
    for (let path = dirname(entry.path); path !== '.'; path = dirname(path))
      all.set(path, { path, mode: 0o755, what: 'directory' });
    all.set(entry.path, entry);
  }
  const sorted = [...all.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  const parts: Uint8Array[] = [];
  for (const entry of sorted) {
    const bytes =
      typeof entry.what === 'object' && 'bytes' in entry.what ? entry.what.bytes : Buffer.alloc(0);
    parts.push(header(entry, { seconds, prefix, size: bytes.length }), bytes);
    parts.push(Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(
  { path, mode, what }: TarEntry,
  { seconds, prefix, size }: { seconds: number; prefix: string; size: number },
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const name = path === '' ? prefix : `${prefix}${path}${what === 'directory' ? '/' : ''}`;
  const link = typeof what === 'object' && 'link' in what ? what.link : '';
  if (Buffer.byteLength(name) > 100 || Buffer.byteLength(link) > 100)
    throw new RangeError(`${name} -> ${link}`);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  block.write(name, 0);
  octal(link === '' ? mode : 0o777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(seconds, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(what === 'directory' ? '5' : link === '' ? '0' : '2', 156, 'latin1');
  block.write(link, 157);
  block.write('ustar\x0000root', 257, 'latin1');
  block.write('root', 297, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
