import { Command } from 'commander';
import { ALL_SETTINGS } from '../../config/server-settings.ts';
import { settingsInForce } from '../../config/settings-in-force.ts';
import { printable } from '../../report/printable-text.ts';
import type { CommandContext } from '../command-context.ts';
import { writeRows } from '../write-rows.ts';

const HELP = `
Examples:
  crashlogctl config                                 every setting, its value, and where that came from
  crashlogctl config --json | jq .settings.slots
  USERCRASH_CONFIG=/tmp/new.toml crashlogctl config  a file before it is put in place`;

/** crashlogctl config: what a server that starts now would go by, and why; what is not understood goes to stderr. */
export function configCommand({ paths, env, stdout, stderr, exitWith }: CommandContext): Command {
  return new Command('config')
    .description('Shows every setting, its value and where that came from.')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(({ json }: { json?: true }) => {
      const { origins, problems } = settingsInForce(paths, env);
      const rows = ALL_SETTINGS.map(([key, { name }]) => {
        const { texts, origin } = origins.get(key) ?? { texts: [], origin: 'default' };
        return { name, value: texts.join(','), origin };
      });
      if (json) {
        const settings = Object.fromEntries(rows.map(({ name, value, origin }) => [name, { value, origin }]));
        stdout.write(`${JSON.stringify({ settings, problems }, null, 2)}\n`);
      } else {
        const cells = rows.map(({ name, value, origin }) => [name, value || '-', origin]);
        writeRows(stdout, { head: ['setting', 'value', 'from'], rows: cells, env });
      }
      for (const problem of problems) stderr.write(`crashlogctl: ${printable(problem)}\n`);
      if (problems.length > 0) exitWith(1);
    });
}
