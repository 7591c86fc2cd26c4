import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNITS } from '../units.ts';
import type { Machine } from './machine.ts';

/** A file that systemd reads: a package's in the first of these directories that has it, else ours. */
export interface SystemFile {
  /** Absolute path of ours, which systemd prefers. */
  path: string;
  /** What a package's may be. */
  packaged: readonly string[];
  /** What it is to say. */
  text(): string;
}

/** The units, the user and the directories; with the templates that lie beside the programs. */
export function systemFiles(machine: Machine, programs: string): SystemFile[] {
  const file = (
    name: string,
    { own, packaged }: { own: string; packaged: readonly string[] },
  ): SystemFile => {
    const [base = ''] = name.split('/').slice(-1);
    return {
      path: machine.path(join(own, base)),
      packaged: packaged.map((directory) => machine.path(join(directory, base))),
      text: () => template(programs, name).replaceAll('@PROGRAMS@', programs),
    };
  };
  const units = { own: 'etc/systemd/system', packaged: ['usr/lib/systemd/system', 'lib/systemd/system'] };
  const others = ['sysusers.d', 'tmpfiles.d'] as const;
  return [
    ...UNITS.map((name) => file(name, units)),
    ...others.map((kind) =>
      file(`${kind}/usercrash.conf`, { own: `etc/${kind}`, packaged: [`usr/lib/${kind}`] }),
    ),
  ];
}

/** What is written for the kernel's settings of the next boot. */
export function sysctlText(
  programs: string,
  { corePattern, corePipeLimit }: { corePattern: string; corePipeLimit: number },
): string {
  return template(programs, 'sysctl.d/99-usercrash.conf')
    .replace('@CORE_PIPE_LIMIT@', () => String(corePipeLimit))
    .replace('@CORE_PATTERN@', () => corePattern);
}

/** Where that is: behind 50-coredump.conf, and behind 99-sysctl.conf, which is /etc/sysctl.conf. */
export const SYSCTL_FILE = 'etc/sysctl.d/99-usercrash.conf';

function template(programs: string, name: string): string {
  return readFileSync(join(programs, 'systemd', name), 'utf8');
}
