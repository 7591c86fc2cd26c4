import { Command } from 'commander';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { table } from '../../report/columns.ts';
import { printable } from '../../report/printable-text.ts';
import type { CommandContext } from '../command-context.ts';
import type { Finding } from '../doctor/check.ts';
import { CHECKS } from '../doctor/checks.ts';
import { type Diagnosis, diagnose, examine } from '../doctor/examine.ts';
import { type Style, styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

const HELP = `
Exit code: 0, or 1 where something fails.

Examples:
  sudo crashlogctl doctor                          every known cause of missing reports, and how to mend it
  sudo crashlogctl doctor | grep -A1 ^fail
  sudo crashlogctl doctor --json | jq '.findings[] | select(.outcome != "ok")'`;

/** How much ends with exit code 1. */
const COLOURS: Readonly<Record<Finding['outcome'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

/** crashlogctl doctor: looks for every known cause of missing reports; a terminal and a pipe get a line each, and one more to mend it. */
export function doctorCommand(context: CommandContext): Command {
  const { stdout, exitWith, isRoot } = context;
  return new Command('doctor')
    .description('Looks for every known cause of missing reports, and says how to mend each.')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      if (!isRoot) {
        throw new UsercrashError('E_NOT_ROOT', 'crashlogctl doctor needs root', {
          fix: 'sudo crashlogctl doctor',
        });
      }
      const findings = await diagnose(await examine(context), CHECKS);
      if (json) writeJson(stdout, { findings });
      else writeFindings(context, findings);
      if (findings.some(({ outcome }) => outcome === 'fail')) exitWith(1);
    });
}

function writeFindings({ stdout, env }: CommandContext, findings: readonly Diagnosis[]): void {
  const style = styleFor(stdout, env);
  const rows = findings.flatMap(({ outcome, check, text, fix }) => [
    { outcome, cells: [outcome, check, printable(text)] },
    ...(fix === null ? [] : [{ outcome: null, cells: ['fix', check, printable(fix)] }]),
  ]);
  if (stdout.isTTY !== true) {
    for (const { cells } of rows) stdout.write(`${cells.join('\t')}\n`);
    return;
  }
  // Under what it mends, a fix needs no name.
  const lines = table(
    rows.map(({ outcome, cells }) => (outcome === null ? ['', '', `→ ${cells[2]}`] : cells)),
  );
  for (const [index, line] of lines.entries()) {
    const outcome = rows[index]?.outcome ?? null;
    stdout.write(
      outcome === null
        ? `${style('bold', line)}\n`
        : `${style(COLOURS[outcome], line.slice(0, outcome.length))}${line.slice(outcome.length)}\n`,
    );
  }
}
