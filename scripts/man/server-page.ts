import type { Command } from 'commander';
import { commandText } from './command-text.ts';
import { ENVIRONMENT, FILES } from './common-parts.ts';
import type { Page } from './roff.ts';

/** usercrash-server(8). */
export function serverPage(command: Command): Page {
  const { usage, description, terms, notes, examples } = commandText(command, command.name());
  return {
    ...{ name: 'usercrash-server', section: 8, purpose: 'receive crashes and publish their reports' },
    parts: [
      { title: 'SYNOPSIS', blocks: usage },
      {
        title: 'DESCRIPTION',
        blocks: [
          description,
          'It runs in the foreground as root until it gets SIGTERM, and then ends within 20 s. The service manager starts it where `crashlogctl enable` ' +
            'was said. On a machine without systemd, or in a container, `--own-core-pattern` does all of it: it sets `kernel.core_pattern`, starts the ' +
            'resident client, and puts back what was there when it ends.',
          'While it is not running clients keep crashes in `/var/log/usercrashes/.pending`, and the next server makes reports of them.',
        ],
      },
      { title: 'OPTIONS', blocks: [...terms, ...notes] },
      {
        title: 'EXIT STATUS',
        blocks: [
          { term: '0', text: 'Told to end.' },
          { term: '1', text: 'Failed; the log says why.' },
          { term: '2', text: 'Used in a wrong way.' },
        ],
      },
      ENVIRONMENT,
      FILES,
      { title: 'EXAMPLES', blocks: [{ lines: examples }] },
      {
        title: 'SEE ALSO',
        blocks: ['`crashlogctl`(1), `usercrash.toml`(5), `usercrash-client`(8), `usercrash`(7)'],
      },
    ],
  };
}
