import { dirname } from 'node:path';
import { TAR_BLOCK, tarHeader } from '../../install/tar-header.ts';

/** One name in an archive; it belongs to root. */
export interface ArchiveEntry {
  /** Without a slash at its beginning or end; at most 100 bytes with the prefix. */
  path: string;
  /** Permissions: 0o755. */
  mode: number;
  /** A file's bytes, a symbolic link's target, or a directory. */
  what: { bytes: Uint8Array } | { link: string } | 'directory';
}

/**
 * A tar archive that depends on nothing but its arguments: entries in the order of their paths, all root's, and
 * the directories that they lie in.
 *
 * @param seconds The time that every entry bears, since the epoch.
 * @param prefix What every path begins with in the archive: `./`, `usercrash-0.1.0/`.
 * @throws {RangeError} If a path is too long for a header.
 */
export function archive(entries: readonly ArchiveEntry[], seconds: number, prefix: string): Buffer {
  const all = new Map<string, ArchiveEntry>([['', { path: '', mode: 0o755, what: 'directory' }]]);
  for (const entry of entries) {
    for (let path = dirname(entry.path); path !== '.'; path = dirname(path))
      all.set(path, { path, mode: 0o755, what: 'directory' });
    all.set(entry.path, entry);
  }
  const sorted = [...all.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  const parts: Uint8Array[] = [];
  for (const { path, mode, what } of sorted) {
    const bytes = typeof what === 'object' && 'bytes' in what ? what.bytes : Buffer.alloc(0);
    const name = `${prefix}${path}${what === 'directory' && path !== '' ? '/' : ''}`;
    const link = typeof what === 'object' && 'link' in what ? what.link : '';
    parts.push(tarHeader({ path: name, mode, bytes: bytes.length, mtimeS: seconds, link }), bytes);
    parts.push(Buffer.alloc((TAR_BLOCK - (bytes.length % TAR_BLOCK)) % TAR_BLOCK));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * TAR_BLOCK)]);
}
