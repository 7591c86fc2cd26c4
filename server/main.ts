import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import type { Logger } from 'winston';
import type { EffectiveSettings } from '../config/effective-settings.ts';
import { readEnabled } from '../config/enabled.ts';
import { keepLastGood } from '../config/last-good-settings.ts';
import { ownDirectory } from '../config/own-directory.ts';
import { pathsFrom } from '../config/paths.ts';
import { settingsInForce } from '../config/settings-in-force.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { SERVER_SOCKET } from '../protocol/conversation.ts';
import { assertNobodyListens } from '../protocol/listen.ts';
import { listenDescriptors } from '../systemd/listen-descriptors.ts';
import { notify, watchdogIntervalMs } from '../systemd/notify.ts';
import { assertRoot } from './assert-root.ts';
import { type Collection, collect, keptPatternOf, pipePatternOf } from './collect.ts';
import { serverCommand } from './command.ts';
import { enabledCollection } from './enabled-collection.ts';
import { keepFewCapabilities } from './keep-few-capabilities.ts';
import { serverLog } from './log.ts';
import { corePatternBefore } from './own-core-pattern.ts';
import { type RunningServer, startServer } from './server.ts';

/** What a program gets from the process it runs in. */
export interface ServerProcess {
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the client program. */
  client: string;
  /** Absolute path of the program that hands crashes to the resident client; null where there is none for this machine. */
  handover: string | null;
  /** Resolves when the process is told to end. */
  stopped: Promise<string>;
}

/** How long what is begun may take after SIGTERM, all in all; systemd waits 90 s. */
const STOP_LIMIT_MS = 20_000;
/** The unit that holds the process connector's socket, so that this process needs no network. */
const DUMPS_SOCKET = 'usercrash-dumps.socket';
const STATUS_PERIOD_MS = 10_000;

/**
 * usercrash-server: runs in the foreground until it is told to end.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 usage.
 */
export async function main(args: readonly string[], process_: ServerProcess): Promise<number> {
  let exitCode = 0;
  const { command, given } = serverCommand();
  command.exitOverride();
  command.action(async (flags: { ownCorePattern?: true }) => {
    exitCode = await run(flags.ownCorePattern === true, given, process_);
  });
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return exitCode;
}

async function run(
  ownsCorePattern: boolean,
  flags: ReadonlyMap<string, readonly string[]>,
  process_: ServerProcess,
): Promise<number> {
  const { env } = process_;
  const paths = pathsFrom(env);
  const effective = settingsInForce(paths, env, flags);
  const { settings } = effective;
  const log = serverLog({ level: settings.logLevel, isJournal: env['JOURNAL_STREAM'] !== undefined });
  let server: RunningServer | null = null;
  let collection: Collection | null = null;
  let watchdog: NodeJS.Timeout | null = null;
  try {
    assertRoot();
    keepFewCapabilities();
    keepForLater(paths.stateDir, effective, log);
    ownDirectory(paths.runDir, 0o700, 'USERCRASH_RUN_DIR');
    const held = listenDescriptors(env);
    const listening = held.find(({ name }) => name !== DUMPS_SOCKET)?.fd ?? null;
    // Before anything is written into the run directory that is the other server's.
    if (listening === null) assertNobodyListens(join(paths.runDir, SERVER_SOCKET));
    const noted = ownsCorePattern ? null : readEnabled(paths.stateDir);
    const enabled =
      noted?.runDir === paths.runDir
        ? enabledCollection(noted, {
            stateDir: paths.stateDir,
            client: process_.client,
            settings,
            log,
          })
        : null;
    const before = ownsCorePattern ? corePatternBefore(paths.runDir).corePattern : null;
    const keptPattern =
      before === null ? (enabled?.keptPattern ?? null) : keptPatternOf(before, settings.defaultHandler, log);
    const program = process_.handover ?? process_.client;
    const byPipe = ownsCorePattern ? pipePatternOf(paths.runDir, { program, keptPattern, log }) : null;
    server = await startServer({
      paths,
      settings,
      pipePattern: byPipe ?? enabled?.pipePattern ?? null,
      socketPattern: enabled?.socketPattern ?? null,
      defaultPattern: keptPattern,
      listening,
      dumps: held.find(({ name }) => name === DUMPS_SOCKET)?.fd ?? null,
      reportGroup: groupId(settings.group, log),
      configurationProblems: effective.problems,
      client: process_.client,
      log,
    });
    if (byPipe !== null) {
      collection = await collect(settings.mode, paths.runDir, {
        ...process_,
        byPipe,
        keptPattern,
        watch: server.corePattern,
        log,
      });
    }
    if (enabled !== null) server.corePattern.taken(enabled.corePattern);
    notify({ READY: '1', STATUS: server.status() }, env);
    watchdog = keepNotified(server, env);
    const why = await process_.stopped;
    log.info('stopping', { why });
    return 0;
  } catch (error) {
    const fix = error instanceof UsercrashError ? error.fix : null;
    log.error('failed', { error: messageOf(error), ...(fix === null ? {} : { fix }) });
    return 1;
  } finally {
    if (watchdog !== null) clearInterval(watchdog);
    notify({ STOPPING: '1' }, env);
    await server?.stop(STOP_LIMIT_MS, async () => collection?.stop());
  }
}

/** Tells systemd that the event loop is alive, and what it does. */
function keepNotified(server: RunningServer, env: ServerProcess['env']): NodeJS.Timeout {
  const periodMs = Math.min(watchdogIntervalMs(env) ?? STATUS_PERIOD_MS, STATUS_PERIOD_MS);
  return setInterval(() => notify({ WATCHDOG: '1', STATUS: server.status() }, env), periodMs);
}

/** What the files say is kept for the day on which somebody makes a mistake in them. */
function keepForLater(stateDir: string, { fromFiles, problems }: EffectiveSettings, log: Logger): void {
  for (const problem of problems) log.warn('configuration', { problem });
  if (problems.length > 0) return;
  try {
    keepLastGood(stateDir, fromFiles);
  } catch (error) {
    log.warn('configuration-not-kept', { error: messageOf(error) });
  }
}

/** The group's number from /etc/group: read directly, because name services may hang. */
function groupId(name: string, log: Logger): number | null {
  const lines = readFileSync('/etc/group', 'utf8').split('\n');
  const id = lines.map((line) => line.split(':')).find((fields) => fields[0] === name)?.[2];
  if (id !== undefined) return Number(id);
  log.warn('no-such-group', { group: name, instead: 'only root may read reports' });
  return null;
}
