import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { table } from '../../report/columns.ts';
import { printable } from '../../report/printable-text.ts';
import { readableBytes, readableDuration } from '../../report/readable-amounts.ts';
import { slotName } from '../../server/slots.ts';
import type { CommandContext } from '../command-context.ts';
import type { Check, Examined } from '../doctor/check.ts';
import { configuration } from '../doctor/configuration.ts';
import { corePipeLimit } from '../doctor/core-pipe-limit.ts';
import { diskRoom } from '../doctor/disk-room.ts';
import { type Diagnosis, diagnose, examine } from '../doctor/examine.ts';
import { gdb } from '../doctor/gdb.ts';
import { kernelLog } from '../doctor/kernel-log.ts';
import { logDirectory } from '../doctor/log-directory.ts';
import { lostCrashes } from '../doctor/lost-crashes.ts';
import { otherHandlers } from '../doctor/other-handlers.ts';
import { serverProcess } from '../doctor/server-process.ts';
import { units } from '../doctor/units.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';

const HELP = `
Exit code: 0 where crashes are collected, 3 where not, as with systemctl.

Examples:
  sudo crashlogctl status                  how it stands, at a glance
  crashlogctl status --json | jq .collecting
  crashlogctl status >/dev/null || sudo crashlogctl enable --now`;

const NOT_COLLECTING = 3;
/** Further problems are the doctor's to tell. */
const MAX_PROBLEMS = 6;
/** What is wrong now, as far as everybody may look; the rest of the doctor's checks is advice. */
const FOR_ALL: readonly Check[] = [otherHandlers, corePipeLimit, units, gdb];
const FOR_ROOT: readonly Check[] = [
  ...[serverProcess, configuration, logDirectory, diskRoom, kernelLog, lostCrashes],
];

/** crashlogctl status: whether crashes are collected, how many there were, and what is wrong. Needs no server. */
export function statusCommand(context: CommandContext): Command {
  const { stdout, exitWith, isRoot } = context;
  return new Command('status')
    .description('Says at a glance whether crashes are collected, how many there were, and what is wrong.')
    .option('--json', 'one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }) => {
      const examined = await examine(context);
      const found = await diagnose(examined, isRoot ? [...FOR_ALL, ...FOR_ROOT] : FOR_ALL);
      const isBad = ({ outcome }: Diagnosis) => Number(outcome === 'fail');
      const problems = found
        .filter(({ outcome }) => outcome !== 'ok')
        .sort((one, other) => isBad(other) - isBad(one));
      if (json) writeJson(stdout, asJson(examined, problems));
      else writeStatus(context, examined, problems);
      if (!examined.collection.isCollecting) exitWith(NOT_COLLECTING);
    });
}

function asJson({ collection, server, room, history }: Examined, problems: readonly Diagnosis[]): object {
  const { sysctls, isCollecting, mode, why } = collection;
  const { status } = server;
  return {
    ...{ collecting: isCollecting, mode, why, corePattern: sysctls?.corePattern ?? null },
    server: {
      state: server.state,
      pid: status?.pid ?? null,
      startedAt: status?.startedAt ?? null,
      version: status?.version ?? null,
    },
    crashes: history,
    work: server.state === 'running' ? (status?.work ?? null) : null,
    stored: room,
    problems,
  };
}

function writeStatus(
  { stdout, env, now, isRoot, paths }: CommandContext,
  examined: Examined,
  problems: readonly Diagnosis[],
): void {
  const style = styleFor(stdout, env);
  const { isCollecting, mode, why } = examined.collection;
  const rows = [
    ['Collecting', isCollecting ? `yes, by ${mode}: ${why}` : `no: ${why}`],
    ['Server', serverLine(examined, now())],
    ...historyRows(examined, now(), paths.logDir),
    ...roomRows(examined),
    ...problems
      .slice(0, MAX_PROBLEMS)
      .map(({ text, check }, index) => [index === 0 ? 'Problems' : '', `${check}: ${text}`]),
    ...(problems.length > MAX_PROBLEMS ? [['', `and ${problems.length - MAX_PROBLEMS} more`]] : []),
  ].map((cells) => cells.map(printable));
  if (stdout.isTTY !== true) {
    let last = '';
    for (const [name = '', text = ''] of rows) {
      last = name || last;
      stdout.write(`${last.toLowerCase()}\t${text}\n`);
    }
    return;
  }
  const lines = table(rows);
  const firstProblem = rows.findIndex(([name]) => name === 'Problems');
  for (const [index, line] of lines.entries()) {
    const colour =
      index === 0 ? (isCollecting ? 'green' : 'red') : index === firstProblem ? 'yellow' : 'bold';
    const name = rows[index]?.[0] ?? '';
    stdout.write(`${style(colour, name)}${line.slice(name.length)}\n`);
  }
  if (!isRoot) stdout.write(`${style('dim', 'root sees more: sudo crashlogctl status')}\n`);
  else if (problems.length > 0 || !isCollecting) {
    stdout.write(`${style('dim', 'what to do: sudo crashlogctl doctor')}\n`);
  }
}

function serverLine({ server: { state, status }, collection }: Examined, nowMs: number): string {
  if (state === 'hidden') return 'only root may know';
  if (status === null) return 'not running: none has since the machine started';
  const { pid, startedAt, version, work } = status;
  if (state !== 'running') {
    const waits = collection.isCollecting ? '; crashes wait for it' : '';
    return `not running: ${state === 'stopped' ? 'it was stopped' : 'it ended without a word'}${waits}`;
  }
  const sinceMs = Math.max(0, nowMs - Date.parse(startedAt));
  const at =
    work.inProgress + work.waiting === 0
      ? 'idle'
      : `${work.inProgress} crashes in hand, ${work.waiting} wait for their analysis`;
  return `running since ${shown(startedAt)} (${readableDuration(sinceMs)}), pid ${pid}, version ${version}, ${at}`;
}

function historyRows({ history }: Examined, nowMs: number, logDir: string): string[][] {
  if (history === null) return [['Crashes', 'only root and the group of the reports may know']];
  const { today, week, all, since, last, lately } = history;
  const from = since === null ? '' : ` since ${shown(since)}`;
  const lost = lately.lost.reduce((sum, { count }) => sum + count, 0);
  const missing = lost === 0 ? '' : `; ${lost} of the week not collected`;
  const rows = [['Crashes', `${today} today, ${week} in 7 days, ${all} in all${from}${missing}`]];
  if (last !== null) {
    const { at, signal, program, pid, slot, collected } = last;
    const ago = readableDuration(Math.max(0, nowMs - at.us / 1000));
    const hasReport = slot !== null && existsSync(join(logDir, slotName(slot)));
    const outcome = hasReport ? slotName(slot) : collected;
    rows.push([
      'Last',
      `${shown(at.iso)} (${ago} ago) ${signal ?? 'unknown signal'} ${program ?? 'unknown program'}, pid ${pid ?? '-'}: ${outcome}`,
    ]);
  }
  return rows;
}

function roomRows({ room, settings }: Examined): string[][] {
  if (room === null) return [['Reports', 'none: there is no log directory']];
  const { reports, waiting, bytes, mayTake, free, keptFree } = room;
  return [
    [
      'Reports',
      `${reports} of ${settings.slots}, ${readableBytes(bytes)} of ${readableBytes(mayTake)}; ${readableBytes(free)} free (${readableBytes(keptFree)} stay free)`,
    ],
    ['Waiting', waiting === null ? 'only root may know' : `${waiting} crashes without a report yet`],
  ];
}

/** Seconds are enough. */
function shown(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
