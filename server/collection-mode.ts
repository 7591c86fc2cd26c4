import { readFileSync } from 'node:fs';
import type { MODES } from '../config/server-settings.ts';

/** What may be asked for: `auto` leaves it to {@link chooseMode}. */
export type WantedMode = (typeof MODES)[number];

/** How the kernel hands crashes over, and why so, in words for the log. */
export interface ChosenMode {
  mode: 'socket' | 'pipe';
  why: string;
}

/** The kernel lists there what core_pattern may name (kernel >= 6.17); it is missing where there are no sockets. */
const CORE_MODES = '/proc/sys/kernel/core_modes';

/**
 * The socket is faster by the start of a program; a default handler that is a program has to get its core by pipe.
 *
 * @param before What core_pattern held before us.
 */
export function chooseMode(wanted: WantedMode, before: string, modes: string = kernelModes()): ChosenMode {
  const isOffered = modes.split('\n').includes('socket');
  if (wanted === 'pipe') return { mode: 'pipe', why: 'as asked for' };
  if (!isOffered) {
    const why = 'the kernel has no coredump sockets';
    return { mode: 'pipe', why: wanted === 'auto' ? why : `${why}, though asked for` };
  }
  if (wanted === 'socket') return { mode: 'socket', why: 'as asked for' };
  if (before.startsWith('|')) return { mode: 'pipe', why: 'the handler before us gets its cores by pipe' };
  return { mode: 'socket', why: 'the kernel has coredump sockets' };
}

function kernelModes(): string {
  try {
    return readFileSync(CORE_MODES, 'latin1');
  } catch {
    return ''; // An older kernel.
  }
}
