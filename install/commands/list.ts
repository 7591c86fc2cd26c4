import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { dateOf, timeOf } from '../../report/instant.ts';
import { printable } from '../../report/printable-text.ts';
import { readableBytes } from '../../report/readable-amounts.ts';
import { signalName } from '../../report/signals.ts';
import type { CommandContext } from '../command-context.ts';
import { type Column, fitColumns } from '../fit-columns.ts';
import { type ListedReport, listReports } from '../listed-report.ts';
import { momentArgument } from '../moment-argument.ts';
import { noAccess, withAccess } from '../no-access.ts';
import type { Style } from '../style-for.ts';
import { writeJson } from '../write-json.ts';
import { writeRows } from '../write-rows.ts';

const HELP = `
NN names a report for show, debug, export and delete, until another crash
takes its place. REPEATS are further crashes of the same kind in the history,
whether they got reports or not. A table leaves out what its terminal is too
narrow for; a pipe gets every column, separated by tabs.

Examples:
  crashlogctl list --since yesterday --unit nginx.service
  crashlogctl list --program 'python3*' --signal SIGSEGV --sort repeats
  crashlogctl list --json | jq -r '.reports[] | [.name, .signature.text] | @tsv'`;

interface Flags {
  program?: string;
  signal?: string;
  unit?: string;
  user?: string;
  signature?: string;
  since?: number;
  until?: number;
  sort: keyof typeof ORDERS;
  json?: true;
}

type Order = (one: ListedReport, other: ListedReport) => number;

const byText = (of: (report: ListedReport) => string | null): Order => {
  return (one, other) => (of(one) ?? '\uffff').localeCompare(of(other) ?? '\uffff');
};

/** Largest and newest first; words by the alphabet. */
const ORDERS = {
  time: (one, other) => other.at.us - one.at.us,
  slot: (one, other) => one.slot - other.slot,
  signal: byText(({ signal }) => signal),
  program: byText((report) => nameOf(report)),
  pid: (one, other) => (one.pid ?? 0) - (other.pid ?? 0),
  user: byText((report) => userOf(report)),
  unit: byText(({ units }) => units[0] ?? null),
  where: byText(({ where }) => where),
  repeats: (one, other) => (other.repeats ?? 0) - (one.repeats ?? 0),
  size: (one, other) => other.bytes - one.bytes,
} as const satisfies Record<string, Order>;

/** What is left out first on a narrow terminal is least missed; `show` has it. */
const COLUMNS: readonly (Column & { cell: (report: ListedReport) => string | null; style?: Style })[] = [
  { name: 'nn', cell: ({ name }) => name.replace('usercrash_', ''), style: 'bold' },
  { name: 'time', cell: ({ at }) => `${dateOf(at)} ${timeOf(at).slice(0, 8)}` },
  { name: 'signal', cell: ({ signal }) => signal, style: 'red' },
  { name: 'program', cell: nameOf, style: 'cyan', minimum: 12 },
  { name: 'pid', cell: ({ pid }) => text(pid), alignRight: true, dispensable: 3 },
  { name: 'user', cell: userOf, minimum: 6, dispensable: 4 },
  { name: 'unit', cell: ({ units }) => units[0] ?? null, minimum: 12, dispensable: 6 },
  { name: 'where', cell: ({ where, problem }) => problem ?? where, style: 'yellow', minimum: 26 },
  { name: 'repeats', cell: ({ repeats }) => text(repeats), alignRight: true, dispensable: 2 },
  { name: 'size', cell: ({ bytes }) => readableBytes(bytes), alignRight: true, dispensable: 5 },
];

/** crashlogctl list: the reports that there are. */
export function listCommand(context: CommandContext): Command {
  const { stdout, stderr, now } = context;
  return new Command('list')
    .description('Lists the reports.')
    .option('--program <name>', "name or path of the executable, also 'python3*'")
    .option('--signal <name>', 'SIGSEGV, segv or 11')
    .option('--unit <name>', "systemd unit, also 'app-*'")
    .option('--user <name>', 'name or number')
    .option('--since <time>', "not before: '2026-11-30 02:00', today, -2h, '1 hour ago'", momentArgument(now))
    .option('--until <time>', 'not after', momentArgument(now))
    .option('--signature <text>', 'the hash or its beginning, or words of it')
    .addOption(
      new Option('--sort <column>', 'column to sort by').choices(Object.keys(ORDERS)).default('time'),
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const reports = await readList(context);
      const chosen = reports.filter((report) => isWanted(report, flags)).sort(ORDERS[flags.sort]);
      if (flags.json) writeJson(stdout, { reports: chosen });
      else if (chosen.length === 0 && stdout.isTTY === true) stderr.write('crashlogctl: no reports\n');
      else writeTable(chosen, context);
    });
}

/** All that this user may read; the rest is told on stderr. */
async function readList({ paths, stderr }: CommandContext): Promise<ListedReport[]> {
  const what = { what: `${paths.logDir} may not be read`, command: 'list' };
  const { reports, forbidden, problems } = await withAccess(what, () => listReports(paths.logDir));
  const names = forbidden.map(({ name }) => name);
  if (reports.length === 0 && names.length > 0) {
    throw noAccess({
      what: `The reports in ${paths.logDir} (${names.length}) may not be read`,
      command: 'list',
    });
  }
  const hidden =
    names.length === 0 ? [] : [`not yours to read, as root you see them: ${names.toSorted().join(', ')}`];
  const damaged = reports.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]));
  for (const line of [...hidden, ...damaged, ...problems]) stderr.write(`crashlogctl: ${printable(line)}\n`);
  return reports;
}

function writeTable(reports: readonly ListedReport[], { stdout, env }: CommandContext): void {
  const cells = reports.map((report) =>
    COLUMNS.map(({ cell, name }) => {
      if (stdout.isTTY === true) return printable(cell(report) ?? '-');
      // Programs want what can be counted and looked up.
      const whole = {
        program: report.program,
        size: String(report.bytes),
        unit: report.units.join(',') || null,
      };
      return (name in whole ? whole[name as keyof typeof whole] : cell(report)) ?? '-';
    }),
  );
  const width = stdout.isTTY === true ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  const { columns, rows } = fitColumns(COLUMNS, cells, width);
  writeRows(stdout, {
    head: columns.map(({ name }) => name),
    rows,
    env,
    alignRight: columns.flatMap(({ alignRight }, at) => (alignRight ? [at] : [])),
    styles: columns.map(({ name }) => COLUMNS.find((column) => column.name === name)?.style ?? null),
  });
}

function isWanted(report: ListedReport, flags: Flags): boolean {
  const { program, signal, unit, user, since, until, signature } = flags;
  const { comm, units, uid, at } = report;
  const path = report.program;
  const own = report.signature;
  return (
    (program === undefined || isNamed(program, [path, path && basename(path), comm])) &&
    (signal === undefined || isSignal(report.signal, signal)) &&
    (unit === undefined ||
      isNamed(unit, [...units, ...units.map((name) => name.replace(/\.service$/, ''))])) &&
    (user === undefined || isNamed(user, [report.user, text(uid)])) &&
    (since === undefined || at.us >= since) &&
    (until === undefined || at.us <= until) &&
    (signature === undefined ||
      (own !== null && (own.hash.startsWith(signature) || own.text.includes(signature))))
  );
}

function isNamed(wanted: string, names: readonly (string | null)[]): boolean {
  return names.some((name) => name !== null && (name === wanted || globMatches(name, wanted)));
}

/** `*` and `?` stand for anything, also for slashes. */
function globMatches(name: string, glob: string): boolean {
  if (!/[*?]/.test(glob)) return false;
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(name);
}

/** `segv` and `11` are meant as well. */
function isSignal(name: string | null, wanted: string): boolean {
  const upper = /^\d+$/.test(wanted) ? signalName(Number(wanted)) : wanted.toUpperCase();
  return name !== null && (name === upper || name === `SIG${upper}`);
}

function nameOf({ program, comm }: ListedReport): string | null {
  return program === null ? comm : basename(program);
}

function userOf({ user, uid }: ListedReport): string | null {
  return user ?? text(uid);
}

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}
