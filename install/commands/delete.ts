import { Command } from 'commander';
import { readableInstant } from '../../report/instant.ts';
import { printable } from '../../report/printable-text.ts';
import { chooseReport } from '../choose-report.ts';
import type { CommandContext } from '../command-context.ts';
import { confirm } from '../confirm.ts';
import { listReports } from '../listed-report.ts';
import { withAccess } from '../no-access.ts';
import { removeReport, seeReport } from '../remove-report.ts';

const HELP = `
The history keeps its lines: that a crash was seen, and that it had a report,
stays true. The running server gives the number to the next crash. Until its
pause for repeats is over (repeat-pause, repeats-per-hour), a crash of the
same kind is still counted as a repeat of the deleted one.

Examples:
  sudo crashlogctl delete 07
  sudo crashlogctl delete 07 08 usercrash_12 --yes
  sudo crashlogctl delete latest`;

/** crashlogctl delete: removes reports. */
export function deleteCommand(context: CommandContext): Command {
  const { paths, stdout, stderr, exitWith } = context;
  return new Command('delete')
    .description('Removes reports.')
    .argument('<NN...>', '7, 07, usercrash_07 or latest')
    .option('--yes', 'without asking')
    .addHelpText('after', HELP)
    .action(async (names: string[], { yes }: { yes?: true }) => {
      const chosen = await Promise.all(names.map((name) => chooseReport(paths.logDir, name)));
      const unique = [...new Set(chosen.map(({ name }) => name))];
      // What is asked about is what is removed, whatever is published meanwhile.
      const seen = await Promise.all(unique.map((name) => seeReport(paths.logDir, name)));
      if (!yes) {
        for (const line of await descriptions(unique, paths.logDir)) stderr.write(`${printable(line)}\n`);
        const question =
          unique.length === 1 ? 'Delete this report?' : `Delete these ${unique.length} reports?`;
        if (!(await confirm(question, context))) return exitWith(1);
      }
      for (const report of seen) {
        const restricted = {
          what: `${report.name} may not be removed`,
          command: `delete ${report.name}`,
          needsRoot: true,
        } as const;
        const isRemoved = await withAccess(restricted, () => removeReport(report));
        if (isRemoved) stdout.write(`${report.name}\n`);
        else stderr.write(`crashlogctl: ${report.name} was gone already; what stands there now stays\n`);
      }
    });
}

async function descriptions(names: readonly string[], logDir: string): Promise<string[]> {
  const { reports } = await listReports(logDir);
  return names.map((name) => {
    const report = reports.find((listed) => listed.name === name);
    if (report === undefined) return name;
    const { at, signal, program, pid } = report;
    return `${name}  ${readableInstant(at)}  ${signal ?? '-'}  ${program ?? '-'}  pid ${pid ?? '-'}`;
  });
}
