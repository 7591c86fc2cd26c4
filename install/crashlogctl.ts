import { Command } from 'commander';
import { VERSION } from '../config/version.ts';
import type { CommandContext } from './command-context.ts';
import { configCommand } from './commands/config.ts';
import { debugCommand } from './commands/debug.ts';
import { deleteCommand } from './commands/delete.ts';
import { disableCommand } from './commands/disable.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enableCommand } from './commands/enable.ts';
import { exportCommand } from './commands/export.ts';
import { isActiveCommand } from './commands/is-active.ts';
import { listCommand } from './commands/list.ts';
import { metricsCommand } from './commands/metrics.ts';
import { showCommand } from './commands/show.ts';
import { statsCommand } from './commands/stats.ts';
import { statusCommand } from './commands/status.ts';
import { vacuumCommand } from './commands/vacuum.ts';

/** Every command, in the order of the help. Man pages and completions are generated from it. */
const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  enableCommand,
  disableCommand,
  isActiveCommand,
  statusCommand,
  metricsCommand,
  doctorCommand,
  listCommand,
  showCommand,
  debugCommand,
  statsCommand,
  exportCommand,
  deleteCommand,
  vacuumCommand,
  configCommand,
];

/** The command line of crashlogctl. Usage errors are thrown as commander's, after they were told on stderr. */
export function crashlogctl(context: CommandContext): Command {
  const program = new Command('crashlogctl')
    .description('Switches the collection of crashes on and off, and shows what it collected.')
    .version(VERSION);
  for (const make of COMMANDS) program.addCommand(make(context));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    });
  }
  return program;
}
