import type { Command } from 'commander';
import { type Values, valuesOf } from './values.ts';

/** What a shell is told of a command. */
export interface CommandLine {
  name: string;
  description: string;
  options: readonly CommandOption[];
  /** What its arguments can be; null where it has none. */
  argument: Values | null;
  commands: readonly CommandLine[];
}

/** An option by all its names. */
export interface CommandOption {
  /** `--long`, or null. */
  long: string | null;
  /** `-s`, or null. */
  short: string | null;
  description: string;
  /** Null for a switch. */
  value: Values | null;
}

/** Reads a command of commander's, as far as its help shows it. */
export function commandLine(command: Command): CommandLine {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    ...{ name: command.name(), description: command.description().replace(/\.$/, '') },
    options: help.visibleOptions(command).map((option) => ({
      ...{ long: option.long ?? null, short: option.short ?? null, description: option.description },
      value: valuesOf(option),
    })),
    // Every argument of ours is of the kind of the first.
    argument: argument === undefined ? null : valuesOf(argument),
    commands: command.commands.map(commandLine),
  };
}
