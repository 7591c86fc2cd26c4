import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { findReports } from '../report/find-reports.ts';
import { readRecord } from '../report/read-record.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, type Crash, crash, median, published, startCollector, table } from './collector.ts';

const RUNS = 21;
/** The first crash meets code that V8 has not compiled yet: that is bench/release's business. */
const WARM_UP = 10;
const KEY_GOAL_MS = 1;
const KINDS = [
  { megabytes: 1, threads: 1, goalMs: 5, goalKib: null },
  { megabytes: 1, threads: 10, goalMs: 5, goalKib: null },
  { megabytes: 1024, threads: 10, goalMs: 5, goalKib: 512 },
  { megabytes: 1, threads: 1000, goalMs: 60, goalKib: null },
];

/**
 * How long a warm client takes to capture a process, and how large its small core is, next to how long the kernel holds
 * the same process to write its full core to a file. @returns A Markdown table.
 */
export async function measureCapture(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-capture-'));
  const program = buildCrasher(directory);
  const collector = await startCollector(WITHOUT_LIMITS);
  const own = readCoreSysctls();
  const rows: string[][] = [];
  try {
    for (const { megabytes, threads, goalMs, goalKib } of KINDS) {
      const records: CrashRecord[] = [];
      for (let run = 0; run < WARM_UP + RUNS; run += 1) {
        const crashes = await crash(program, { megabytes, threads, runs: 1 });
        await published(collector.logDir, crashes);
        if (run >= WARM_UP) records.push(await recordOf(collector.logDir, crashes[0]));
      }
      writeCoreSysctls({ corePattern: `${directory}/core.full`, corePipeLimit: own.corePipeLimit });
      const full = await crash(program, { megabytes, threads, runs: 3 });
      writeCoreSysctls(own);
      const at = (record: CrashRecord, name: string) =>
        record.collection.steps.find((step) => step.name === name)?.atMs ?? Number.NaN;
      const captureMs = median(records.map((record) => at(record, 'released') - at(record, 'notes read')));
      const keyMs = median(records.map((record) => at(record, 'quick key') - at(record, 'modules found')));
      const notesMs = median(records.map((record) => at(record, 'notes read')));
      const fullMs = median(full.map(({ heldMs }) => heldMs));
      const kib = (value: number | null | undefined) => ((value ?? 0) / 1024).toFixed(0);
      const core = records[0]?.collection.core;
      rows.push([
        `${megabytes} MiB, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        notesMs.toFixed(1),
        keyMs.toFixed(2),
        `${KEY_GOAL_MS}`,
        captureMs.toFixed(1),
        `${goalMs}`,
        (captureMs / fullMs).toFixed(3),
        kib(core?.bytes),
        goalKib === null ? '-' : `${goalKib}`,
        kib(core?.compressedBytes),
      ]);
    }
  } finally {
    await collector.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const head = [
    'process',
    'notes read, ms',
    'quick key, ms',
    'goal',
    'captured, ms',
    'goal',
    '× full core to a file',
    'core, KiB',
    'goal',
    'zstd, KiB',
  ];
  return `Median of ${RUNS} crashes in a client that is running. Reading the notes is the time in which the kernel writes them; the quick key is a part of the capture.\n\n${table(head, rows)}`;
}

async function recordOf(logDir: string, wanted: Crash | undefined): Promise<CrashRecord> {
  for (const { json } of await findReports(logDir)) {
    const record = json === null ? null : readRecord(readFileSync(json.path));
    if (record?.process.pid === wanted?.pid && record !== null) return record;
  }
  throw new Error(`no report of pid ${wanted?.pid}`);
}
