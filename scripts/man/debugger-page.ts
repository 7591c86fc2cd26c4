import type { Command } from 'commander';
import { commandText } from './command-text.ts';
import type { Page } from './roff.ts';

/** debugger(1). */
export function debuggerPage(command: Command): Page {
  const { usage, description, terms, notes, examples } = commandText(command, command.name());
  return {
    ...{ name: 'debugger', section: 1, purpose: 'show what a process is doing, or what a core holds' },
    parts: [
      { title: 'SYNOPSIS', blocks: usage },
      {
        title: 'DESCRIPTION',
        blocks: [
          description,
          'A process is stopped for some 25 ms and goes on unharmed, also when `debugger` is killed. Looking at the processes of others takes root. ' +
            "A core may be the kernel's, of `gcore`(1), `systemd-coredump`(8) or `usercrash`(7), of any size.",
          'The report goes to the standard output, all else to the standard error.',
        ],
      },
      { title: 'OPTIONS', blocks: [...terms, ...notes] },
      {
        title: 'EXIT STATUS',
        blocks: [
          { term: '0', text: 'Done.' },
          { term: '1', text: 'Failed; the standard error says why.' },
          { term: '2', text: 'Used in a wrong way.' },
          { term: '130', text: 'Interrupted.' },
        ],
      },
      { title: 'EXAMPLES', blocks: [{ lines: examples }] },
      { title: 'SEE ALSO', blocks: ['`crashlogctl`(1), `gdb`(1), `core`(5), `usercrash`(7)'] },
    ],
  };
}
