import { closeSync, constants, openSync, readSync } from 'node:fs';

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
      const part = Buffer.allocUnsafe(Math.min(64 * 1024, maxBytes - length));
      const bytesRead = readSync(fd, part, 0, part.length, null);
      if (bytesRead === 0) break;
      parts.push(part.subarray(0, bytesRead));
      length += bytesRead;
    }
    return parts.length === 1 ? (parts[0] ?? null) : Buffer.concat(parts);
  } catch {
    return null; // A directory, or an error of the disk.
  } finally {
    closeSync(fd);
  }
}
