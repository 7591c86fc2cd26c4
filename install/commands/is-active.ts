import { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { Machine } from '../enabling/machine.ts';
import { UNITS } from '../units.ts';
import { writeRows } from '../write-rows.ts';

/** systemctl(1): a unit is not active. */
const NOT_ACTIVE = 3;

const HELP = `
Ends with 0 where all are active, else with 3.

Examples:
  crashlogctl is-active
  crashlogctl is-active >/dev/null || echo "crashes are not collected"
  crashlogctl is-active --json | jq -r '."usercrash.service"'`;

/** crashlogctl is-active: a line a unit, with systemctl's word. */
export function isActiveCommand({ env, stdout, exitWith }: CommandContext): Command {
  return new Command('is-active')
    .description('Says of each unit whether it is active.')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      const machine = new Machine(null, env);
      const states = await Promise.all(
        UNITS.map(async (unit) => {
          const { stdout: word } = await machine.run('systemctl', 'is-active', unit);
          return [unit, word.trim() || 'unknown'] as const;
        }),
      );
      if (json) stdout.write(`${JSON.stringify(Object.fromEntries(states), null, 2)}\n`);
      else writeRows(stdout, { head: ['unit', 'state'], rows: states, env });
      if (states.some(([, state]) => state !== 'active')) exitWith(NOT_ACTIVE);
    });
}
