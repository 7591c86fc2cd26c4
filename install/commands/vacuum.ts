import { statfs } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { type Amount, parseAmount } from '../../config/amount.ts';
import { settingsInForce } from '../../config/settings-in-force.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { findReports } from '../../report/find-reports.ts';
import { instantOf, readableInstant } from '../../report/instant.ts';
import { readableBytes } from '../../report/readable-amounts.ts';
import { PendingStore } from '../../server/pending-store.ts';
import { StoredReports } from '../../server/stored-reports.ts';
import type { CommandContext } from '../command-context.ts';
import { confirm } from '../confirm.ts';
import { withAccess } from '../no-access.ts';
import { parseTimeSpan } from '../parse-time-span.ts';
import { removeReport, type SeenReport, seeReport } from '../remove-report.ts';
import { type Leaving, vacuumPlan } from '../vacuum-plan.ts';
import { writeRows } from '../write-rows.ts';

const HELP = `
Reports go by the rules and in the order of the server: repeats first, then
those of whose kind there is a newer one, the oldest first; what waits for its
upload last. An option takes the place of the configured bound (crashlogctl
config), the other bounds hold as well. A line a report says why it goes.

It works beside a running server: a report that is published meanwhile is
never touched. Crashes that wait for their reports are the server's, and so is
what it was told by flags of its own, which are not known here.

Examples:
  sudo crashlogctl vacuum --dry-run
  sudo crashlogctl vacuum --older-than 2weeks --yes
  sudo crashlogctl vacuum --keep 10 --max-bytes 50M`;

const DAY_MS = 86_400_000;

interface Flags {
  olderThan?: number;
  keep?: number;
  maxBytes?: Amount;
  dryRun?: true;
  yes?: true;
}

/** crashlogctl vacuum: removes what is over the bounds now, or over those that are named. */
export function vacuumCommand(context: CommandContext): Command {
  const { paths, stdout, stderr, env, exitWith } = context;
  return new Command('vacuum')
    .description('Removes the reports that are over the bounds.')
    .option('--older-than <span>', 'reports older than this: 30d, 2weeks, 12h', span)
    .option('--keep <n>', 'no more than so many reports', wholeNumber)
    .option('--max-bytes <amount>', 'no more than this: 500M, 2G, or 10% of the file system', amount)
    .option('--dry-run', 'only say what would go')
    .option('--yes', 'without asking')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const command = flags.dryRun ? 'vacuum --dry-run' : 'vacuum';
      const what = {
        what: `What lies in ${paths.logDir} may not be looked through`,
        command,
        needsRoot: true,
      } as const;
      const { leaving, seen } = await withAccess(what, () => plan(flags, context));
      const bytes = leaving.reduce((sum, { report }) => sum + report.bytes, 0);
      const all = `${leaving.length} ${leaving.length === 1 ? 'report' : 'reports'}, ${readableBytes(bytes)}`;
      writeRows(stdout, {
        head: ['report', 'from', 'size', 'why'],
        rows: leaving.map(rowOf),
        env,
        alignRight: [2],
      });
      if (flags.dryRun || leaving.length === 0)
        return void stderr.write(`crashlogctl: ${all} over the bounds\n`);
      if (!flags.yes && !(await confirm(`Remove ${all}?`, context))) return exitWith(1);
      let removed = 0;
      for (const report of seen) {
        const removing = { what: `${report.name} may not be removed`, command, needsRoot: true } as const;
        if (await withAccess(removing, () => removeReport(report))) removed += 1;
        else stderr.write(`crashlogctl: ${report.name} was gone already; what stands there now stays\n`);
      }
      stderr.write(`crashlogctl: removed ${removed === leaving.length ? all : `${removed} of ${all}`}\n`);
    });
}

/** What goes, and what each consists of as it is decided on. */
async function plan(
  { olderThan, keep, maxBytes }: Flags,
  { paths, env, now }: CommandContext,
): Promise<{ leaving: Leaving[]; seen: SeenReport[] }> {
  const { settings } = settingsInForce(paths, env);
  const { logDir } = paths;
  const { bsize, blocks, bavail } = await statfs(logDir);
  const pending = new PendingStore(logDir);
  await pending.list();
  // Before they are looked into: what takes the place of one afterwards is another.
  const inodes = new Map<string, SeenReport>();
  for (const { name } of await findReports(logDir)) inodes.set(name, await seeReport(logDir, name));
  const reports = await new StoredReports(logDir).list();
  const leaving = vacuumPlan(
    reports,
    {
      slots: settings.slots,
      keepFree: settings.keepFree,
      maxBytes: maxBytes ?? settings.maxBytes,
      maxAgeMs: olderThan ?? settings.maxAgeDays * DAY_MS,
      keep: keep ?? Number.POSITIVE_INFINITY,
    },
    { room: { total: blocks * bsize, free: bavail * bsize, waiting: pending.bytes }, nowMs: now() },
  );
  return { leaving, seen: leaving.flatMap(({ report }) => inodes.get(report.name) ?? []) };
}

function rowOf({ report, reason }: Leaving): string[] {
  return [report.name, readableInstant(instantOf(report.atMs * 1000)), readableBytes(report.bytes), reason];
}

/** Milliseconds. */
function span(text: string): number {
  const us = parseTimeSpan(text.trim());
  if (us !== null) return us / 1000;
  throw new InvalidArgumentError('It is a span of time: 30d, 2weeks, 12h.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number.');
}

function amount(text: string): Amount {
  try {
    return parseAmount(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
