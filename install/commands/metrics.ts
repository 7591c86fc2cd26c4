import { lstatSync } from 'node:fs';
import { Command } from 'commander';
import { replaceFile } from '../../config/replace-file.ts';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import type { CommandContext } from '../command-context.ts';
import { examineState } from '../doctor/examine.ts';
import { collectorMetrics } from '../metrics/collector-metrics.ts';
import { formatMetrics } from '../metrics/format-metrics.ts';
import { noAccess } from '../no-access.ts';

const HELP = `
Numbers only: no name of a program or a user. Counters begin anew with each
server, which Prometheus expects. The exit code is 0 also where nothing is
collected: usercrash_collecting says so.

Examples:
  sudo crashlogctl metrics
  sudo crashlogctl metrics --output /var/lib/prometheus/node-exporter/usercrash.prom
  sudo crashlogctl metrics | promtool check metrics`;

/** crashlogctl metrics: for Prometheus, by the textfile collector of its node exporter (docs/decisions/039). */
export function metricsCommand(context: CommandContext): Command {
  return new Command('metrics')
    .description('Prints how the collector is doing, as Prometheus reads it.')
    .option('--output <file>', 'replace this file, whole or not at all, instead')
    .addHelpText('after', HELP)
    .action(async ({ output }: { output?: string }) => {
      if (!context.isRoot)
        throw noAccess({ what: 'How the server is may not be known', command: 'metrics', needsRoot: true });
      const text = formatMetrics(collectorMetrics(await examineState(context)));
      if (output === undefined) context.stdout.write(text);
      else writeOutput(output, text);
    });
}

/** @throws {UsercrashError} E_EXISTS where it would take the place of what is no file, as /dev/stdout; Node's error. */
function writeOutput(path: string, text: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new UsercrashError('E_EXISTS', `${path} is there already, and is not a file`, {
      fix: 'without --output, for stdout',
    });
  }
  replaceFile(path, text);
}
