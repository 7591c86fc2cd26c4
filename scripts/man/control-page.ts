import type { Command } from 'commander';
import { commandText } from './command-text.ts';
import { ENVIRONMENT, FILES } from './common-parts.ts';
import type { Page } from './roff.ts';

/** crashlogctl(1): every command of the table, with its options and examples. */
export function controlPage(program: Command): Page {
  const { usage, description, terms } = commandText(program, program.name());
  const commands = program.commands.flatMap((command) => {
    const name = `${program.name()} ${command.name()}`;
    const text = commandText(command, name);
    return [
      { subtitle: text.usage.join(' ') },
      text.description,
      ...text.terms,
      ...text.notes,
      ...(text.examples.length > 0 ? ['Examples:', { lines: text.examples }] : []),
    ];
  });
  return {
    ...{
      name: 'crashlogctl',
      section: 1,
      purpose: 'switch the collection of crashes on and off, and show what it collected',
    },
    parts: [
      { title: 'SYNOPSIS', blocks: usage },
      {
        title: 'DESCRIPTION',
        blocks: [
          description,
          'A terminal gets aligned columns in colour, a pipe gets tabs and nothing cut. Data goes to the standard output, all else to the standard error.',
        ],
      },
      { title: 'OPTIONS', blocks: terms },
      { title: 'COMMANDS', blocks: commands },
      {
        title: 'EXIT STATUS',
        blocks: [
          { term: '0', text: 'Done, also when nothing was found.' },
          { term: '1', text: 'Failed; the standard error says why, and what to try.' },
          { term: '2', text: 'Used in a wrong way.' },
          { term: '4', text: 'The server was not reached, or refused.' },
          { term: '130', text: 'Interrupted.' },
        ],
      },
      ENVIRONMENT,
      FILES,
      {
        title: 'SEE ALSO',
        blocks: [
          '`usercrash`(7), `debugger`(1), `usercrash.toml`(5), `usercrash-server`(8), `usercrash-client`(8)',
        ],
      },
    ],
  };
}
