import { hostname, machine, release } from 'node:os';
import type { Record as CrashRecord } from '../report/record.ts';
import { readBeginning } from './read-beginning.ts';

/** What is the same for every process of this machine until it reboots. */
export interface MachineFacts {
  machine: CrashRecord['machine'];
  /** When the machine started, in microseconds since the epoch, to 10 ms: process start times count from there. */
  bootedUs: number | null;
}

/** os-release(5): the first that is there. */
export const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];
const MAX_BYTES = 64 * 1024;

/** Reads what the record says about the machine: a few small files, well under a millisecond. */
export function readMachine(): MachineFacts {
  const text = (path: string) => readBeginning(path, MAX_BYTES)?.toString('utf8') ?? null;
  const uptimeSeconds = Number(text('/proc/uptime')?.split(' ')[0] ?? Number.NaN);
  return {
    machine: {
      host: hostname(),
      os: OS_RELEASE.map((path) => prettyName(text(path) ?? '')).find((name) => name !== null) ?? null,
      kernel: release(),
      architecture: machine(),
      bootId: readBootId() ?? '0'.repeat(32),
    },
    bootedUs: Number.isFinite(uptimeSeconds) ? Math.round((Date.now() - uptimeSeconds * 1000) * 1000) : null,
  };
}

/** /proc/sys/kernel/random/boot_id without its dashes (random(4)); null without /proc. */
export function readBootId(): string | null {
  const id = readBeginning('/proc/sys/kernel/random/boot_id', 64)
    ?.toString('latin1')
    .replaceAll('-', '')
    .trim();
  return id !== undefined && /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** PRETTY_NAME of os-release(5), whose values are quoted as in a shell. */
export function prettyName(osRelease: string): string | null {
  const value = /^PRETTY_NAME=(.*)$/m.exec(osRelease)?.[1]?.trim();
  if (value === undefined || value === '') return null;
  const quoted = /^(["'])(.*)\1$/.exec(value)?.[2];
  return (quoted ?? value).replace(/\\(["'$`\\])/g, '$1');
}
