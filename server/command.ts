import { Command } from 'commander';
import { VERSION } from '../config/version.ts';
import { settingFlags } from './setting-flags.ts';

const HELP = `
Examples:
  usercrash-server                       listen, for crashes that something else directs here
  usercrash-server --own-core-pattern    collect crashes, and put core_pattern back at the end
  USERCRASH_LOG_DIR=/tmp/c usercrash-server --slots 10

What is not given here is in /etc/usercrash/usercrash.toml, in usercrash.toml.d/ beside it, or in the environment (USERCRASH_SLOTS).
Places: USERCRASH_LOG_DIR, USERCRASH_RUN_DIR, USERCRASH_STATE_DIR, USERCRASH_CONFIG.`;

/**
 * The command line of usercrash-server, without what it does: help and man page are made from it.
 *
 * @returns `given`: the settings that flags set, by name, once the command has been parsed.
 */
export function serverCommand(): { command: Command; given: ReadonlyMap<string, readonly string[]> } {
  const command = new Command('usercrash-server')
    .description('Receives crashes from usercrash-client and publishes their reports.')
    .version(VERSION)
    .option('--own-core-pattern', 'set kernel.core_pattern, and put it back at the end')
    .addHelpText('after', HELP);
  return { command, given: settingFlags(command) };
}
