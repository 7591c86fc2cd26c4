/** One file of an archive. */
export interface TarEntry {
  /** Relative, at most 100 bytes. */
  path: string;
  bytes: number;
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const BLOCK = 512;
/** Two blocks of zeros end an archive: POSIX.1-2017, pax, "ustar Interchange Format". */
const END = Buffer.alloc(2 * BLOCK);
/** Eleven octal digits. */
const MAX_BYTES = 8 ** 11 - 1;

/**
 * An archive in POSIX's ustar format of plain files, which are everybody's and nobody's (uid 0, mode 0644): the same content gives
 * the same bytes.
 *
 * @param mtimeS Of all files, seconds since the epoch.
 * @throws {RangeError} Where a name or a size does not fit, or there is not as much content as was announced.
 */
export async function* tar(entries: Iterable<TarEntry>, mtimeS: number): AsyncGenerator<Buffer> {
  for (const { path, bytes, content } of entries) {
    yield header(path, bytes, mtimeS);
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      if (written > bytes) break;
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
    if (written !== bytes) throw new RangeError(`${path} has ${written} bytes, and ${bytes} were announced`);
    yield Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
  }
  yield END;
}

function header(path: string, bytes: number, mtimeS: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is longer than 100 bytes`);
  if (bytes > MAX_BYTES) throw new RangeError(`${path} has ${bytes} bytes, over the limit of ${MAX_BYTES}`);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(path, 0);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108); // uid
  block.write(octal(0, 7), 116); // gid
  block.write(octal(bytes, 11), 124);
  block.write(octal(Math.min(Math.max(0, Math.floor(mtimeS)), MAX_BYTES), 11), 136);
  block.write(' '.repeat(8), 148); // The checksum is taken with spaces in its place.
  block.write('0', 156); // A regular file.
  block.write('ustar\x0000', 257);
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
