/** Of one name in an archive, which belongs to root. */
export interface TarHeader {
  /** At most 100 bytes; a directory's ends with a slash. */
  path: string;
  /** Permissions: 0o644. */
  mode: number;
  bytes: number;
  /** Seconds since the epoch. */
  mtimeS: number;
  /** What a symbolic link names, at most 100 bytes; without it the path is a file or a directory. */
  link?: string;
}

/** Size of a header, and what every content is filled up to. */
export const TAR_BLOCK = 512;
/** Eleven octal digits. */
const MAX_NUMBER = 8 ** 11 - 1;

/**
 * A header of POSIX's ustar format: POSIX.1-2017, pax, "ustar Interchange Format".
 *
 * @throws {RangeError} Where a name or the size does not fit.
 */
export function tarHeader({ path, mode, bytes, mtimeS, link = '' }: TarHeader): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  for (const name of [path, link])
    if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is longer than 100 bytes`);
  if (bytes > MAX_NUMBER) throw new RangeError(`${path} has ${bytes} bytes, over the limit of ${MAX_NUMBER}`);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(path, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108); // uid
  block.write(octal(0, 7), 116); // gid
  block.write(octal(bytes, 11), 124);
  block.write(octal(Math.min(Math.max(0, Math.floor(mtimeS)), MAX_NUMBER), 11), 136);
  block.write(' '.repeat(8), 148); // The checksum is taken with spaces in its place.
  block.write(link !== '' ? '2' : path.endsWith('/') ? '5' : '0', 156);
  block.write(link, 157);
  block.write('ustar\x0000', 257);
  block.write('root', 265);
  block.write('root', 297);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
