import { VERSION } from '../../config/version.ts';
import type { Examined } from '../doctor/check.ts';
import type { ServerStatus } from '../server-state.ts';
import type { MetricFamily } from './format-metrics.ts';

type Sample = MetricFamily['samples'][number];

/** The `collected` of the history, as labels; `excluded` are those that a setting keeps out. */
const OUTCOMES = {
  full: 'full',
  repeat: 'repeat',
  excluded: 'excluded',
  not_collected: 'notCollected',
  withdrawn: 'withdrawn',
} as const;

/**
 * How the collector is doing. No name that a program or a user may choose is a label: dead processes must not make series.
 *
 * @param examined What one look at the machine tells; see examine().
 */
export function collectorMetrics(
  examined: Pick<Examined, 'collection' | 'server' | 'room' | 'settings' | 'configurationProblems'>,
): MetricFamily[] {
  const { collection, server, configurationProblems } = examined;
  const isUp = server.state === 'running';
  return [
    gauge('usercrash_info', 'The version of crashlogctl.', [{ labels: { version: VERSION }, value: 1 }]),
    gauge('usercrash_collecting', 'Whether crashes of this machine are collected.', [
      { value: Number(collection.isCollecting) },
    ]),
    gauge(
      'usercrash_collection_mode',
      'How the kernel hands crashes over: 1 for the way that core_pattern names.',
      ['pipe', 'socket'].map((mode) => ({ labels: { mode }, value: Number(collection.mode === mode) })),
    ),
    gauge('usercrash_configuration_problems', 'Mistakes in the configuration files.', [
      { value: configurationProblems.length },
    ]),
    gauge('usercrash_server_up', 'Whether the server runs.', [{ value: Number(isUp) }]),
    ...(server.status === null ? [] : serverMetrics(server.status, isUp)),
    ...roomMetrics(examined),
  ];
}

/** What its server last said. Counters begin anew with each server. */
function serverMetrics(status: ServerStatus, isUp: boolean): MetricFamily[] {
  const { crashes, work, corePattern, corePipeLimit, ledger } = status;
  const { told, lastAt } = crashes;
  const sysctls = { core_pattern: corePattern, core_pipe_limit: corePipeLimit };
  const ofSysctls = (numberOf: (sysctl: typeof corePattern) => number): Sample[] =>
    Object.entries(sysctls).map(([sysctl, state]) => ({ labels: { sysctl }, value: numberOf(state) }));
  const dumps = { seen: ledger.seen, lost: ledger.lost, open: ledger.open };
  return [
    gauge('usercrash_server_start_time_seconds', 'When the server was started, since the epoch.', [
      { value: secondsOf(status.startedAt) },
    ]),
    counter(
      'usercrash_crashes_total',
      'Crashes since the server was started, by what became of them; withdrawn is one that was not_collected and came after all.',
      Object.entries(OUTCOMES).flatMap(([outcome, name]) => {
        const value = told[name];
        return value === undefined ? [] : [{ labels: { outcome }, value }];
      }),
    ),
    gauge(
      'usercrash_last_crash_timestamp_seconds',
      'When the last crash happened, since the epoch.',
      lastAt === null ? [] : [{ value: secondsOf(lastAt) }],
    ),
    gauge(
      'usercrash_clients',
      'Clients that have a crash in hand.',
      isUp ? [{ value: work.inProgress }] : [],
    ),
    gauge(
      'usercrash_analyses_waiting',
      'Crashes that wait for their analysis.',
      isUp ? [{ value: work.waiting }] : [],
    ),
    counter('usercrash_reports_evicted_total', 'Reports that gave way to the limits.', [
      { value: work.evicted },
    ]),
    gauge(
      'usercrash_sysctl_foreign',
      'Whether somebody else has written over our value.',
      ofSysctls(({ wanted, now }) => Number(wanted !== null && wanted !== now)),
    ),
    counter(
      'usercrash_sysctl_changes_total',
      'How often somebody else wrote over our value.',
      ofSysctls(({ changes }) => changes),
    ),
    counter(
      'usercrash_sysctl_taken_back_total',
      'How often our value was written again after that.',
      ofSysctls(({ takenBack }) => takenBack),
    ),
    gauge('usercrash_ledger_on', "Whether the kernel's word on every dump is heard.", [
      { value: Number(isUp && ledger.state === 'on') },
    ]),
    gauge(
      'usercrash_ledger_dumps',
      'Dumps that the kernel began, by what is known of their crash.',
      Object.entries(dumps).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge(
      'usercrash_ledger_undumped',
      'Processes that died of such a signal and that the kernel does not dump.',
      [{ value: ledger.undumped }],
    ),
    counter('usercrash_ledger_missed_total', 'Crashes that came and of which the kernel had told nothing.', [
      { value: ledger.missed },
    ]),
    counter('usercrash_ledger_gaps_total', 'Times of which crashes may be missing in the history.', [
      { value: ledger.gaps },
    ]),
  ];
}

function roomMetrics({ room, settings }: Pick<Examined, 'room' | 'settings'>): MetricFamily[] {
  const own = room === null ? [] : [room];
  return [
    gauge(
      'usercrash_reports',
      'Reports that are kept.',
      own.map(({ reports }) => ({ value: reports })),
    ),
    gauge('usercrash_reports_limit', 'Reports that may be kept.', [{ value: settings.slots }]),
    gauge(
      'usercrash_crashes_pending',
      'Crashes that are stored and have no report yet.',
      own.flatMap(({ waiting }) => (waiting === null ? [] : [{ value: waiting }])),
    ),
    gauge(
      'usercrash_stored_bytes',
      'What reports and crashes without a report take.',
      own.map(({ bytes }) => ({ value: bytes })),
    ),
    gauge(
      'usercrash_stored_limit_bytes',
      'What they may take.',
      own.map(({ mayTake }) => ({ value: mayTake })),
    ),
    gauge(
      'usercrash_disk_free_bytes',
      'What is free beside them.',
      own.map(({ free }) => ({ value: free })),
    ),
    gauge(
      'usercrash_disk_keep_free_bytes',
      'What is to stay free.',
      own.map(({ keptFree }) => ({ value: keptFree })),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples };
}

function secondsOf(iso: string): number {
  return Date.parse(iso) / 1000;
}
