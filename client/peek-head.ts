import { closeSync, readSync } from 'node:fs';
import type { CoreHead } from '../capture/captured.ts';
import { coreHeadBytes } from '../capture/core-head-bytes.ts';
import { bytesSource } from '../capture/core-source.ts';
import { asRoot } from '../linux/as-root.ts';
import { bytesWaiting } from '../linux/bytes-waiting.ts';
import { getPipeSize, setPipeSize } from '../linux/fcntl.ts';
import { newPipe } from '../linux/pipe.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { tee } from '../linux/tee.ts';
import { headFrom } from './capture-from-pipe.ts';

/** A pipe holds 84 % of its size where the writer's pieces do not fill its pages: room for twice what is wanted. */
const ROOM = 2;
/** Largest pipe that is asked for; notes of 20,000 threads are 70 MB. */
const MAX_PIPE_BYTES = 256 * 1024 * 1024;
/** How long the kernel may take to write more: it has all at hand. */
const STALL_MS = 2_000;
const PAUSE_MS = 1;

/**
 * Reads the beginning of a core from a pipe without taking it out: somebody else gets the core as the kernel gave it.
 *
 * @param pipe Reading end of the kernel's pipe, of which nothing has been read. Is made larger.
 */
export function peekHead(pipe: number): CoreHead {
  let bytes: Buffer = Buffer.alloc(0);
  for (let needed = coreHeadBytes(bytes); needed > bytes.length; ) {
    const before = bytes.length;
    bytes = peek(pipe, needed);
    if (bytes.length <= before) break;
    needed = coreHeadBytes(bytes);
  }
  return headFrom(bytesSource(bytes));
}

/** The first `wanted` bytes in the pipe; fewer where no more come. */
function peek(pipe: number, wanted: number): Buffer {
  const room = Math.min(wanted * ROOM, MAX_PIPE_BYTES);
  makeRoom(pipe, room);
  const available = waitFor(pipe, wanted);
  const copy = newPipe();
  try {
    makeRoom(copy.write, room);
    const bytes = Buffer.allocUnsafeSlow(Math.min(wanted, available));
    // tee() begins at the front each time, so it has to come in one piece; into a pipe of the same size it does.
    const copied = bytes.length === 0 ? 0 : tee(pipe, copy.write, bytes.length, { block: false });
    let filled = 0;
    while (filled < copied) filled += readSync(copy.read, bytes, filled, copied - filled, null);
    return bytes.subarray(0, filled);
  } finally {
    closeSync(copy.read);
    closeSync(copy.write);
  }
}

/** Makes a pipe larger, if we may: what does not fit into it is left out. */
function makeRoom(pipe: number, room: number): void {
  try {
    if (getPipeSize(pipe) < room) asRoot(() => setPipeSize(pipe, room));
  } catch (error) {
    // Over fs.pipe-max-size without CAP_SYS_RESOURCE, or no memory.
    if (!hasErrno(error, 'EPERM', 'ENOMEM')) throw error;
  }
}

/** How many bytes are there once there are enough, or no more come. */
function waitFor(pipe: number, wanted: number): number {
  let available = bytesWaiting(pipe);
  for (let stalledMs = 0; available < wanted && stalledMs < STALL_MS; stalledMs += PAUSE_MS) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    const now = bytesWaiting(pipe);
    if (now > available) stalledMs = 0;
    available = now;
  }
  return available;
}
