import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { dateOf, timeOf } from '../../report/instant.ts';
import { printable } from '../../report/printable-text.ts';
import { readHistory } from '../../report/read-history.ts';
import { bar, columnChart } from '../bar.ts';
import type { CommandContext, Output } from '../command-context.ts';
import { type CrashStatistics, crashStatistics, type Tally } from '../crash-statistics.ts';
import { type Column, fitColumns } from '../fit-columns.ts';
import { withAccess } from '../no-access.ts';
import { writeJson } from '../write-json.ts';
import { writeRows } from '../write-rows.ts';

const HELP = `
All of it is from the history, which has a line for every crash, also where
there is no report (any more). A terminal gets each program with its kinds of
crashes below it, and bars of the last week; a pipe one line a kind: program,
signature, its hash, times in the last hour, day, week and in all, signal,
first and last.

--watch counts anew every few seconds. It ends by Ctrl-C, with exit code 130.

Examples:
  crashlogctl stats
  crashlogctl stats --watch 5
  crashlogctl stats --json | jq -r '.programs[] | [.program, .lastDay] | @tsv'`;

const COLUMNS: readonly Column[] = [
  { name: 'program, signature', minimum: 16 },
  { name: 'hour', alignRight: true },
  { name: 'day', alignRight: true },
  { name: 'week', alignRight: true },
  { name: 'all', alignRight: true },
  { name: 'signal', dispensable: 1 },
  { name: 'first', dispensable: 3 },
  { name: 'last', dispensable: 2 },
];
const DEFAULT_WATCH_S = 2;
/** Of a terminal's width. */
const BAR_SHARE = 6;
const MOST_BAR = 30;

interface Flags {
  watch?: number | true;
  json?: true;
}

/** crashlogctl stats: how often what crashes. */
export function statsCommand(context: CommandContext): Command {
  const { stdout, interrupted } = context;
  const command = new Command('stats')
    .description('Counts crashes by program and kind.')
    .option('--watch [seconds]', `draw anew, every ${DEFAULT_WATCH_S} s by default`, seconds)
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ watch, json }: Flags) => {
      if (watch !== undefined && (json || stdout.isTTY !== true))
        command.error('error: --watch wants a terminal');
      if (json) return writeJson(stdout, await count(context));
      if (watch === undefined) return void stdout.write(drawn(await count(context), context));
      for (;;) {
        const statistics = await count({ ...context, stderr: null });
        stdout.write(onScreen(drawn(statistics, context), stdout.rows));
        const pauseMs = (watch === true ? DEFAULT_WATCH_S : watch) * 1000;
        await sleep(pauseMs, undefined, { signal: interrupted });
      }
    });
  return command;
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0.1 && value <= 86_400) return value;
  throw new InvalidArgumentError('It is seconds, from 0.1 to 86400.');
}

/** @param context Without `stderr`, over which nothing is to be written, damage is not told. */
function count({
  paths,
  now,
  stderr,
}: Pick<CommandContext, 'paths' | 'now'> & { stderr: Output | null }): Promise<CrashStatistics> {
  const what = { what: `The history in ${paths.logDir} may not be read`, command: 'stats' };
  return withAccess(what, async () => {
    const history = readHistory(paths.logDir);
    const statistics = await crashStatistics(history, now() * 1000);
    if (history.skipped > 0)
      stderr?.write(`crashlogctl: ${history.skipped} damaged lines of the history were passed over\n`);
    return statistics;
  });
}

/** Over what is there, line by line, so that nothing flickers; as much of it as the screen has room for. */
function onScreen(text: string, rows = 24): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(0, rows - 1);
  return `\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`;
}

function drawn({ programs, hours }: CrashStatistics, { stdout, env }: CommandContext): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const target = { ...{ write, isTTY: stdout.isTTY === true, columns: stdout.columns ?? 80 } };
  if (!target.isTTY) {
    const rows = programs.flatMap(({ program, kinds }) =>
      kinds.map(({ signature, ...kind }) => [
        ...[program ?? '-', signature?.text ?? '-', signature?.hash ?? '-', ...times(kind)],
        ...[kind.signal ?? '-', kind.first.iso, kind.last.iso],
      ]),
    );
    writeRows(target, { head: [], rows, env });
    return text;
  }
  const barWidth = Math.min(MOST_BAR, Math.floor(target.columns / BAR_SHARE));
  const most = Math.max(...programs.map(({ lastWeek }) => lastWeek), 1);
  const tallies = programs.flatMap((program) => [
    { name: program.program === null ? '-' : basename(program.program), tally: program as Tally },
    ...program.kinds.map((kind) => ({
      name: `  ${functionsOf(kind.signature?.text)}`,
      tally: kind as Tally,
    })),
  ]);
  const cells = tallies.map(({ name, tally }) => [
    ...[
      printable(name),
      ...times(tally),
      printable(tally.signal ?? '-'),
      minuteOf(tally.first),
      minuteOf(tally.last),
    ],
  ]);
  const { columns, rows } = fitColumns(COLUMNS, cells, target.columns - barWidth - 2);
  writeRows(target, {
    head: [...columns.map(({ name }) => name), 'last week'],
    rows: rows.map((row, at) => [...row, bar(tallies[at]?.tally.lastWeek ?? 0, { most, width: barWidth })]),
    env,
    alignRight: columns.flatMap(({ alignRight }, at) => (alignRight ? [at] : [])),
    styles: [...columns.map(({ name }) => (name === 'signal' ? 'red' : null)), 'yellow'],
  });
  const lastDay = hours.reduce((sum, times) => sum + times, 0);
  write(`\nLast 24 hours  ${columnChart(hours)}  ${lastDay} ${lastDay === 1 ? 'crash' : 'crashes'}\n`);
  return text;
}

function times({ lastHour, lastDay, lastWeek, total }: Tally): string[] {
  return [lastHour, lastDay, lastWeek, total].map(String);
}

/** `total_of | main`: the signal has a column of its own. */
function functionsOf(signature: string | undefined): string {
  return signature?.replace(/^SIG\w+(?:\+\d+)? \| /, '') ?? 'without a signature';
}

function minuteOf(at: Tally['first']): string {
  return `${dateOf(at)} ${timeOf(at).slice(0, 5)}`;
}
