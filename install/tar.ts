import { TAR_BLOCK, tarHeader } from './tar-header.ts';

/** One file of an archive. */
export interface TarEntry {
  /** Relative, at most 100 bytes. */
  path: string;
  bytes: number;
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Two blocks of zeros end an archive: POSIX.1-2017, pax, "ustar Interchange Format". */
const END = Buffer.alloc(2 * TAR_BLOCK);

/**
 * An archive in POSIX's ustar format of plain files, which are everybody's and nobody's (uid 0, mode 0644): the same content gives
 * the same bytes.
 *
 * @param mtimeS Of all files, seconds since the epoch.
 * @throws {RangeError} Where a name or a size does not fit, or there is not as much content as was announced.
 */
export async function* tar(entries: Iterable<TarEntry>, mtimeS: number): AsyncGenerator<Buffer> {
  for (const { path, bytes, content } of entries) {
    yield tarHeader({ path, mode: 0o644, bytes, mtimeS });
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      if (written > bytes) break;
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
    if (written !== bytes) throw new RangeError(`${path} has ${written} bytes, and ${bytes} were announced`);
    yield Buffer.alloc((TAR_BLOCK - (bytes % TAR_BLOCK)) % TAR_BLOCK);
  }
  yield END;
}
