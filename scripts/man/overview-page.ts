import { FILES } from './common-parts.ts';
import type { Page } from './roff.ts';

/** usercrash(7). */
export function overviewPage(): Page {
  return {
    ...{ name: 'usercrash', section: 7, purpose: 'crash reports for every program on the machine' },
    parts: [
      {
        title: 'DESCRIPTION',
        blocks: [
          'When a program crashes, the kernel hands it to `usercrash-client`(8), which captures the process in milliseconds, whatever its size, and lets it go. ' +
            '`gdb`(1) then reads that small core, the journal tells what went before, and `usercrash-server`(8) publishes a report: what died, where and why.',
          'Collection is off after the installation. `crashlogctl`(1) turns it on and off, shows reports, and says what is wrong:',
          {
            lines: [
              'sudo crashlogctl enable        # from now on, and after every start of the machine',
              'sudo crashlogctl list          # the reports, the newest first',
              'sudo crashlogctl show latest   # one of them',
              'sudo crashlogctl debug latest  # gdb on its core',
              'sudo crashlogctl disable       # everything as it was before',
            ],
          },
          'Reports hold memory and environments. They are readable by root and the group `adm`; those of setuid programs by root alone.',
          'A crash that repeats one with a report is counted in the history, and gets a report of its own at most every ten seconds and five times an hour. ' +
            'Reports give way before they take more than a tenth of the file system: `usercrash.toml`(5).',
          'A handler that `kernel.core_pattern` named before, `systemd-coredump`(8) for one, gets its crashes all the same.',
        ],
      },
      {
        title: 'QUALITY',
        blocks: [
          "A report's quality, 0 to 4, says how much of the crashed thread's backtrace has names and lines. Below 4, install the debug symbols of what is named in it.",
        ],
      },
      FILES,
      {
        title: 'SEE ALSO',
        blocks: [
          '`crashlogctl`(1), `debugger`(1), `usercrash.toml`(5), `usercrash-server`(8), `usercrash-client`(8), `core`(5)',
        ],
      },
    ],
  };
}
