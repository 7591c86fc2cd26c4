import type { ServiceEnvironment } from './notify.ts';

/** SD_LISTEN_FDS_START: sd_listen_fds(3). */
const FIRST = 3;

/** A socket that a service manager holds for us. */
export interface ListenDescriptor {
  fd: number;
  /** FileDescriptorName=, by default the socket unit's name; empty where nobody gave one. */
  name: string;
}

/**
 * The sockets that a service manager holds for this process, in the order of its units.
 *
 * @param env Holds LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
 * @param pid Of this process: a child that inherited the environment has no such sockets.
 * @returns Empty where there is no such manager.
 */
export function listenDescriptors(env: ServiceEnvironment, pid: number = process.pid): ListenDescriptor[] {
  const count = Number(env['LISTEN_FDS']);
  if (Number(env['LISTEN_PID']) !== pid || !Number.isInteger(count)) return [];
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: Math.max(count, 0) }, (_, at) => ({ fd: FIRST + at, name: names[at] ?? '' }));
}
