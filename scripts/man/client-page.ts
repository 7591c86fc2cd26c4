import { FILES } from './common-parts.ts';
import type { Page } from './roff.ts';

/** usercrash-client(8): nobody calls it by hand, so its command line is in no table. */
export function clientPage(): Page {
  return {
    ...{ name: 'usercrash-client', section: 8, purpose: 'capture a crashed process' },
    parts: [
      {
        title: 'SYNOPSIS',
        blocks: [
          '`usercrash-client` <run-directory> `--resident`',
          '`usercrash-client` <run-directory> <specifiers>...',
        ],
      },
      {
        title: 'DESCRIPTION',
        blocks: [
          'Captures a process that has crashed (registers, stacks and what they point to, open files, environment) in some milliseconds, lets it go, and ' +
            'makes the report. The kernel and `usercrash-server`(8) start it; nobody else needs to.',
          'With `--resident` it stays, and takes all crashes: by a coredump socket where the kernel has them (Linux 6.17), else from `usercrash-handover`, ' +
            "which `kernel.core_pattern` names and which passes on the core's pipe. Where no resident client answers, one is started for the crash.",
          'It has the rights of root only while it opens something. `ps`(1) shows it as the user `usercrash`.',
          'What it cannot do is in the kernel log, each line beginning with `usercrash:`.',
        ],
      },
      FILES,
      { title: 'SEE ALSO', blocks: ['`core`(5), `crashlogctl`(1), `usercrash-server`(8), `usercrash`(7)'] },
    ],
  };
}
