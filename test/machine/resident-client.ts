import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { connect } from '../../linux/connect.ts';
import { socket } from '../../linux/socket.ts';
import type { Collecting } from './collecting.ts';

/**
 * The resident client of this test's collector, once it listens.
 *
 * @param not Another one than this.
 */
export async function residentOf(collecting: Collecting, not = 0): Promise<number> {
  const { runDir } = collecting.directories;
  for (;;) {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === not || !listensAt(join(runDir, RESIDENT_SOCKET))) continue;
      if (commandLineOf(name).includes(`\0${runDir}\0--resident\0`)) return Number(name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A file alone says nothing: one that was killed leaves it. */
function listensAt(path: string): boolean {
  const fd = socket('seqpacket', { nonBlocking: true });
  try {
    connect(fd, path);
    return true;
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

/** /proc/PID/cmdline; empty where it has ended since. */
export function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // See above.
  }
}

/** Pid of a process whose command line holds these words, each ended by a NUL; 0 where there is none. */
export function processWith(words: string): number {
  return Number(
    readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && commandLineOf(pid).includes(words)) ?? 0,
  );
}

/** A client that the kernel started measures its own start; the resident one has none. */
export function isByResident(steps: readonly { name: string }[]): boolean {
  return !steps.some(({ name }) => name === 'started');
}
