import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { sendDatagram } from '../linux/dgram-send.ts';

/** What a service tells its manager, by the names of sd_notify(3). Only what is given is sent. */
export interface ServiceState {
  /** It is started up: units that wait for it go on. */
  READY?: '1';
  /** It is about to end. */
  STOPPING?: '1';
  /** It is alive: see {@link watchdogIntervalMs}. */
  WATCHDOG?: '1';
  /** How long it may be silent from now on, in microseconds, instead of the unit's WatchdogSec=. */
  WATCHDOG_USEC?: number;
  /** One line for `systemctl status`. A line break becomes a space, as it would begin another assignment. */
  STATUS?: string;
  /** The process that counts as the service, where it is not the one that was started. */
  MAINPID?: number;
  /** Starting or stopping may take so much longer from now, in microseconds. */
  EXTEND_TIMEOUT_USEC?: number;
}

/** Whether the state was handed to the manager's socket; if not, why. */
export type NotifyResult = { sent: true } | { sent: false; reason: string };

/** The part of the environment that the manager sets; pass `process.env`, or a copy from before it was cleaned. */
export type ServiceEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Tells systemd the service's state: one datagram to $NOTIFY_SOCKET, without waiting. Does nothing where that is not
 * set, so also where there is no systemd. `vsock:` addresses, for the manager of a virtual machine, are not supported.
 *
 * @returns Never throws: a service goes on when its manager does not listen, or does not keep up (EAGAIN).
 */
export function notify(state: ServiceState, env: ServiceEnvironment): NotifyResult {
  const address = env['NOTIFY_SOCKET'];
  if (address === undefined || address === '') return { sent: false, reason: 'NOTIFY_SOCKET is not set' };
  if (!/^[/@]./.test(address))
    return { sent: false, reason: `NOTIFY_SOCKET is ${address}, not a path and not @name` };
  const lines = Object.entries(state)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value).replaceAll(/[\0\r\n]+/g, ' ')}`);
  if (lines.length === 0) return { sent: false, reason: 'nothing to say' };
  try {
    sendDatagram(address, Buffer.from(lines.join('\n'), 'utf8'));
    return { sent: true };
  } catch (error) {
    return { sent: false, reason: messageOf(error) };
  }
}

/** Node's timers fire at once for anything longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * How often to send WATCHDOG=1: half of the unit's WatchdogSec=, as sd_watchdog_enabled(3) advises.
 *
 * @param env Holds WATCHDOG_USEC and, normally, WATCHDOG_PID.
 * @param pid Of this process: a child that inherited the environment is not the one that is watched.
 * @returns Milliseconds, at least 1; null where no watchdog waits for this process.
 * @throws {UsercrashError} E_WATCHDOG where a value is not what systemd writes.
 */
export function watchdogIntervalMs(env: ServiceEnvironment, pid: number = process.pid): number | null {
  const period = env['WATCHDOG_USEC'];
  if (period === undefined) return null;
  const watched = env['WATCHDOG_PID'];
  if (watched !== undefined && wholeNumber('WATCHDOG_PID', watched) !== pid) return null;
  const us = wholeNumber('WATCHDOG_USEC', period);
  return Math.min(Math.max(Math.floor(us / 2000), 1), MAX_TIMER_MS);
}

function wholeNumber(name: string, text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value === 0) throw new UsercrashError('E_WATCHDOG', `${name} is ${text}, not a whole number above 0`);
  return value;
}
