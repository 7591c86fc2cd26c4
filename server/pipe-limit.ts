import { totalmem } from 'node:os';

/** A client that runs, in bytes of memory: measured 45 to 60 MiB while it captures. */
const CLIENT_BYTES = 64 * 1024 * 1024;
/**
 * A crash that waits for the resident client, or for a place among other clients: its pipe, and a handover program of two pages. The
 * process that is held is not counted: its memory was its own before, and the OOM killer ends it like any other.
 */
const WAITING_BYTES = 256 * 1024;

/**
 * How many crashes the kernel may hand over by pipe at once (kernel.core_pipe_limit). Beyond that it skips them. Where the handover
 * program bounds how many clients run, a sixteenth of the memory for what waits; else, or where each starts somebody else's handler,
 * what a quarter allows. Not less than 16.
 *
 * @param kept What stays in force of the core_pattern before us: see keptPattern().
 */
export function pipeLimit(kept: string | null, memoryBytes: number = totalmem()): number {
  const isBounded = process.arch === 'x64' && kept?.startsWith('|') !== true;
  const most = isBounded ? memoryBytes / 16 / WAITING_BYTES : memoryBytes / 4 / CLIENT_BYTES;
  return Math.max(16, Math.floor(most));
}
