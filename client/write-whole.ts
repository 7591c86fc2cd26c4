import { ftruncateSync, writeSync } from 'node:fs';

/** Writes a whole file; the descriptor's own position is shared with the server and not used. */
export function writeWhole(fd: number, bytes: Buffer): void {
  ftruncateSync(fd, 0);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
}
