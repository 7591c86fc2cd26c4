import { chmodSync, closeSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bind } from '../linux/bind.ts';
import { listen } from '../linux/listen.ts';
import { socket } from '../linux/socket.ts';
import { COREDUMP_SOCKET } from '../protocol/core-pattern.ts';

/**
 * Crashes at one instant that wait to be answered; the kernel never waits to connect, so that what is over it is lost, and
 * cuts it to net.core.somaxconn (4096 by default).
 */
const BACKLOG = 4096;

/** The socket that the kernel connects to. */
export interface CoreSocket {
  /** Listening; for the resident client to inherit. While we hold it too, crashes wait when there is none. */
  fd: number;
  /** Throws away what waits, and removes the file. */
  close(): void;
}

/**
 * Listens where core_pattern will point to; nobody takes connections yet.
 *
 * @throws {SystemCallError} where the run directory cannot be written.
 */
export function openCoreSocket(runDir: string): CoreSocket {
  const path = join(runDir, COREDUMP_SOCKET);
  rmSync(path, { force: true });
  const fd = socket('stream', { nonBlocking: true });
  try {
    bind(fd, path);
    chmodSync(path, 0o600);
    listen(fd, BACKLOG);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    fd,
    close() {
      rmSync(path, { force: true });
      closeSync(fd);
    },
  };
}
