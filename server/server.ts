import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'winston';
import { amountInBytes } from '../config/amount.ts';
import type { Paths } from '../config/paths.ts';
import { writeRunSettings } from '../config/run-settings.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { isOutOfRoom } from '../linux/is-out-of-room.ts';
import { setNonDumpable, setThreadName } from '../linux/prctl.ts';
import { getrlimit, setrlimit } from '../linux/setrlimit.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { trimSoon } from '../linux/trim-soon.ts';
import type { Ownership } from '../linux/unnamed-file.ts';
import { SERVER_SOCKET } from '../protocol/conversation.ts';
import { listen } from '../protocol/listen.ts';
import { REPORT_MODE } from '../report/pending-files.ts';
import { AnalysisQueue } from './analysis-queue.ts';
import { Collector } from './collector.ts';
import { Conversation } from './conversation.ts';
import { CrashNotes } from './crash-notes.ts';
import { HistoryWriter } from './history-writer.ts';
import type { CorePatternWatch } from './ledger/core-pattern-watch.ts';
import { type RunningLedger, startLedger } from './ledger/start-ledger.ts';
import { LogDirectory } from './log-directory.ts';
import { MissingCrashes } from './missing-crashes.ts';
import { MAX_MODULE_FILES, ModuleFiles } from './module-files.ts';
import { Pace } from './pace.ts';
import { PendingStore } from './pending-store.ts';
import { removeTemporaries } from './publish.ts';
import { Publisher } from './publisher.ts';
import { rememberReports } from './remember-reports.ts';
import { RepeatLimiter } from './repeat-limiter.ts';
import { resumeClient } from './resume-client.ts';
import { Retention } from './retention.ts';
import { Spool } from './spool.ts';
import { watchPending } from './watch-pending.ts';

export interface ServerOptions {
  paths: Paths;
  settings: ServerSettings;
  /** Numeric group that may read reports, or null. */
  reportGroup: number | null;
  /** See RunSettings. */
  pipePattern: string | null;
  socketPattern: string | null;
  defaultPattern: string | null;
  /** A listening socket from a service manager, instead of one of our own; null for that. */
  listening: number | null;
  /** The same for the process connector. */
  dumps: number | null;
  /** For status.json: what of the configuration was not understood. */
  configurationProblems: readonly string[];
  /** Absolute path of the client program, started for deferred analyses. */
  client: string;
  log: Logger;
}

export interface RunningServer {
  /** Is to be told when core_pattern is ours. */
  corePattern: CorePatternWatch;
  /** One line for people: what it is doing. */
  status(): string;
  /**
   * Finishes what is begun within `limitMs`, and lets go of everything. What waits, and what does not finish in time, is in
   * `.pending` for the next server.
   *
   * @param handOver Ends whoever brings crashes to this server, which listens for them meanwhile.
   */
  stop(limitMs: number, handOver: () => Promise<void>): Promise<void>;
}

/** Which part of the descriptors that this process may have is for the files of modules, and as much again at worst. */
const MODULE_FILES_SHARE = 4n;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a stop's time, what is left for ending conversations after all others were waited for. */
const FAREWELL_MS = 2_000;
/** How long a client that was sent away may take to keep its crash, before the history calls that lost. */
const KEEP_MS = 1_000;

/**
 * Starts the server: takes up what waits from before, and listens. While there is no room in the log directory, or it is
 * read-only, crashes wait in the run directory.
 *
 * @throws {UsercrashError} E_ALREADY_RUNNING, E_NOT_OURS; Node's errors where the directories cannot be used for another reason.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { paths, settings, log } = options;
  const ownership: Ownership = { group: options.reportGroup, mode: REPORT_MODE };
  setNonDumpable();
  setThreadName('usercrash-server');
  // The kernel's own mark for its helpers, here for all that is started from here: client/loop-guard.ts.
  const { hard } = getrlimit('core');
  const guard = hard > 1n ? 1n : hard;
  setrlimit('core', guard, guard);
  const files = getrlimit('nofile');
  setrlimit('nofile', files.hard, files.hard); // Every crash in hand holds five descriptors.

  const store = new PendingStore(paths.logDir);
  const spool = new Spool(paths.runDir, { store, log });
  await spool.prepare();
  let watchers: { close(): void }[] = [];
  let isListening = false;
  const directory = new LogDirectory(paths.logDir, {
    log,
    async opened() {
      await rememberReports(repeats, { logDir: paths.logDir, store });
      await removeTemporaries(paths.logDir);
      await removeTemporaries(store.directory);
      if (isListening) await takeUp();
    },
  });
  const repeats = new RepeatLimiter({
    pauseMs: settings.repeatPauseS * 1000,
    perHour: settings.repeatsPerHour,
  });
  const notes = new CrashNotes(new HistoryWriter(paths.logDir, { ownership, directory }), {
    log,
    noted(event, outcome) {
      ledger.noted(event, outcome);
      if (outcome.collected === 'not collected') repeats.takeBack(event);
    },
    written: (event) => ledger.written(event),
  });
  const resume = resumeClient({
    client: options.client,
    runDir: paths.runDir,
    store,
    log,
    givenUp: (crashId, attempts) => collector.waitingCrashes.giveUp(crashId, attempts),
  });
  const places = settings.analyses || availableParallelism();
  const queue = new AnalysisQueue(places, resume, new Pace(settings.reportsPerMinute));
  const place = { logDir: paths.logDir, slots: settings.slots };
  const { maxBytes, keepFree } = settings;
  const retention = new Retention(
    paths.logDir,
    { slots: settings.slots, maxBytes, keepFree, maxAgeMs: settings.maxAgeDays * DAY_MS },
    {
      waiting: {
        get bytes() {
          return store.bytes;
        },
        drop: (limits) => collector.waitingCrashes.drop(limits),
      },
      log,
    },
  );
  const publisher = new Publisher(paths.logDir, { directory, store, notes, retention, log });
  const missing = new MissingCrashes({ store, spool, notes, log });
  const moduleFiles = new ModuleFiles(Math.min(MAX_MODULE_FILES, Number(files.hard / MODULE_FILES_SHARE)));
  const conversations = new Set<Conversation>();
  const trim = trimSoon();
  trim();
  const ledger: RunningLedger = startLedger({
    ...paths,
    notes,
    kept: async () => [...(await spool.list()), ...(await store.list())],
    log,
    held: options.dumps,
    takesBackCorePattern: settings.takeBackCorePattern,
    configurationProblems: options.configurationProblems,
    work: () => ({ inProgress: conversations.size, waiting: queue.waiting, evicted: retention.evicted }),
  });
  const collector: Collector = new Collector(
    { ...place, reportGroup: options.reportGroup, excluded: settings.exclude, log },
    { directory, spool, store, notes, publisher, missing, moduleFiles, queue, ledger, repeats, retention },
  );
  const takeUp = async () => {
    await tellClients(options);
    // Before anything is begun that would then be in hand.
    await publisher.keepBounds();
    for (const watcher of watchers) watcher.close();
    watchers = [store.directory, spool.directory].map((path) =>
      watchPending(path, () => collector.waitingCrashes.takeUp(), log),
    );
  };
  await directory.check().catch((error: unknown) => {
    if (!isOutOfRoom(error)) throw error;
  });

  const listener = listen(
    options.listening ?? join(paths.runDir, SERVER_SOCKET),
    (connection) => {
      const conversation = new Conversation(connection, collector, log);
      conversations.add(conversation);
      ledger.changed();
      trim();
      return {
        packet: (bytes, descriptors) => conversation.packet(bytes, descriptors),
        closed() {
          conversation.closed();
          void conversation.settled.then(() => {
            conversations.delete(conversation);
            ledger.changed();
          });
        },
      };
    },
    (error) => log.error('listen-failed', { error: messageOf(error) }),
  );
  isListening = true;
  // Only now: until here another server might have been at work in the run directory.
  await takeUp();
  const hourly = setInterval(() => void publisher.keepBounds(), HOUR_MS).unref();
  log.info('listening', { socket: join(paths.runDir, SERVER_SOCKET), logDir: paths.logDir });

  return {
    corePattern: ledger.corePattern,
    status: () => {
      const evicted = retention.evicted > 0 ? `, ${retention.evicted} reports evicted` : '';
      return `${conversations.size} in progress, ${queue.waiting} waiting for analysis${evicted}`;
    },
    async stop(limitMs, handOver) {
      const endMs = performance.now() + limitMs;
      // First of all: a client that is started now would find nobody when it is done.
      queue.stop();
      const handedOver = handOver().catch((error: unknown) => {
        log.error('hand-over-failed', { error: messageOf(error) });
      });
      await within(endMs - FAREWELL_MS, handedOver);
      listener.close();
      for (const watcher of watchers) watcher.close();
      clearInterval(hourly);
      await within(endMs - FAREWELL_MS, allSettled(conversations));
      for (const conversation of conversations) conversation.stop();
      await within(endMs, Promise.all([...conversations].map(({ settled }) => settled)));
      if (collector.isMissingAny) await sleep(KEEP_MS);
      await collector.settleMissing();
      await within(endMs, queue.settled());
      await ledger.stop();
      await directory.close();
      log.info('stopped', {});
    },
  };
}

/** Writes what clients have to know into the run directory. */
async function tellClients({ paths, settings, ...options }: ServerOptions): Promise<void> {
  writeRunSettings(paths.runDir, {
    logDir: paths.logDir,
    coreBudgetBytes: settings.coreBudgetBytes,
    gdb: settings.gdb,
    reportGroup: options.reportGroup,
    ownerAccess: settings.ownerAccess,
    excluded: settings.exclude,
    keepFreeBytes: amountInBytes(settings.keepFree, await totalBytes(paths.logDir)),
    pipePattern: options.pipePattern,
    socketPattern: options.socketPattern,
    defaultPattern: options.defaultPattern,
  });
}

/** Size of the file system that holds a directory; 0 while there is no such directory. */
async function totalBytes(directory: string): Promise<number> {
  try {
    const { blocks, bsize } = await statfs(directory);
    return blocks * bsize;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** Waits for something, until a moment on performance.now()'s clock. */
async function within(endMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, endMs - performance.now()));
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** When the last conversation has ended; they end by themselves, each within its limits. */
async function allSettled(conversations: ReadonlySet<Conversation>): Promise<void> {
  while (conversations.size > 0) await sleep(20);
}
