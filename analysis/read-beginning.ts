import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Read into first: who looks for a package reads 1,600 files of some KiB, and would leave 100 MiB behind. */
const piece = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The beginning of a file, at most `maxBytes` of it. Never waits for a FIFO.
 *
 * @returns Null where it cannot be read: for a file of the machine that is one more fact that is not known.
 */
export function readBeginning(path: string | Buffer, maxBytes: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null; // See above.
  }
  try {
    const parts: Buffer[] = [];
    let length = 0;
    while (length < maxBytes) {
      // Files of /proc tell no size and come in pieces.
      const bytesRead = readSync(fd, piece, 0, Math.min(piece.length, maxBytes - length), null);
      if (bytesRead === 0) break;
      parts.push(Buffer.from(piece.subarray(0, bytesRead)));
      length += bytesRead;
    }
    return parts.length === 1 ? (parts[0] ?? null) : Buffer.concat(parts);
  } catch {
    return null; // A directory, or an error of the disk.
  } finally {
    closeSync(fd);
  }
}
