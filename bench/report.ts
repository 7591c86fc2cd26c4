import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { readRecord } from '../report/read-record.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, type Crash, crash, median, nextReport, startCollector, table } from './collector.ts';
import { type BenchMode, benchModes, SYSTEMD_CORES } from './modes.ts';

const RUNS = 9;
const SIZES = [1, 1024];
const OTHER_RUNS = 3;
const STORED_MS = 60_000;
/** Before every crash and every gdb: crashes are rare, and what the one before has left to do has ended by then. */
const PAUSE_MS = 1_000;

/**
 * From the crash to the published report, next to a lone gdb that prints the same on the same small core. @returns A
 * Markdown table.
 */
export async function measureReport(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-report-'));
  const program = buildCrasher(directory);
  const collector = await startCollector(WITHOUT_LIMITS);
  const { modes, stop } = await benchModes(directory, collector);
  const own = readCoreSysctls();
  const rows: string[][] = [];
  const ours = new Map<number, number>();
  const others: { megabytes: number; name: string; ms: number }[] = [];
  try {
    for (const megabytes of SIZES) {
      const published: number[] = [];
      const analysed: number[] = [];
      const gdb: number[] = [];
      let coreKib = 0;
      for (let run = 0; run < RUNS; run += 1) {
        await sleep(PAUSE_MS);
        const seen = nextReport(collector.logDir);
        const [first] = await crash(program, { megabytes, threads: 4, runs: 1 });
        const { path, atMs } = await seen;
        published.push(atMs - (first?.atUs ?? 0) / 1000);
        const record = readRecord(readFileSync(`${path}.json`));
        const at = (name: string) =>
          record.collection.steps.find((step) => step.name === name)?.atMs ?? Number.NaN;
        analysed.push(at('analysed') - at('released'));
        coreKib = (record.collection.core?.compressedBytes ?? 0) / 1024;
        await sleep(PAUSE_MS);
        gdb.push(loneGdb(program, path, directory));
      }
      for (const mode of modes.filter(({ isOurs }) => !isOurs)) {
        writeCoreSysctls({ ...own, corePattern: mode.pattern });
        const done = await finishTimes(program, mode, megabytes);
        others.push({ megabytes, name: mode.name, ms: median(done) });
      }
      writeCoreSysctls(own);
      const reference = median(gdb);
      const ms = median(published);
      ours.set(megabytes, ms);
      rows.push([
        `${megabytes} MiB`,
        ms.toFixed(0),
        median(analysed).toFixed(0),
        reference.toFixed(0),
        (ms / reference).toFixed(2),
        coreKib.toFixed(0),
      ]);
    }
  } finally {
    writeCoreSysctls(own);
    await collector.stop();
    await stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const head = [
    'process',
    'published, ms',
    'of it analysis',
    'lone gdb, ms',
    '× lone gdb',
    'core, KiB (zstd)',
  ];
  return `Median of ${RUNS} crashes with 4 threads: from the fault until the text has its name.\n\n${table(head, rows)}\nThe others, until they are done with it, ${OTHER_RUNS} crashes: the process is reaped, and systemd-coredump's file is there.\n\n${table(['process', 'core_pattern', 'ms', 'usercrash ×'], rowsOf(others, ours))}`;
}

/** @param ours Size of the process in MiB -> until our report is published, in ms. */
function rowsOf(
  others: readonly { megabytes: number; name: string; ms: number }[],
  ours: ReadonlyMap<number, number>,
): string[][] {
  return others.map(({ megabytes, name, ms }) => [
    `${megabytes} MiB`,
    name,
    ms.toFixed(ms < 10 ? 1 : 0),
    ((ours.get(megabytes) ?? Number.NaN) / ms).toFixed(2),
  ]);
}

/** From the crash until a handler that is not ours is done with it, in ms, a run each. */
async function finishTimes(program: string, mode: BenchMode, megabytes: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < OTHER_RUNS; run += 1) {
    const noDump = mode.noDump ?? false;
    const [crashed] = await crash(program, { megabytes, threads: 4, runs: 1, noDump });
    mode.cleanUp?.();
    if (crashed === undefined) continue;
    times.push(mode.pattern.includes('systemd-coredump') ? await untilStored(crashed) : crashed.heldMs);
  }
  return times;
}

/** @returns Milliseconds from the crash until systemd-coredump has given the core its name. */
async function untilStored({ pid, atUs }: Crash): Promise<number> {
  const deadline = performance.now() + STORED_MS;
  const isStored = () =>
    readdirSync(SYSTEMD_CORES).some((name) => name.startsWith('core.') && name.includes(`.${pid}.`));
  while (!isStored()) {
    if (performance.now() > deadline) throw new Error(`systemd-coredump has not stored ${pid}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.timeOrigin + performance.now() - atUs / 1000;
}

/** What a person would run by hand on the same small core. @returns Milliseconds. */
function loneGdb(program: string, report: string, directory: string): number {
  const core = join(directory, 'small.core');
  writeFileSync(core, zstdDecompressSync(readFileSync(`${report}.core.zst`)));
  const commands = [
    'set debuginfod enabled off',
    'thread apply all bt full',
    'info registers',
    'x/64xg $sp',
    'x/16i $pc',
    'list',
  ];
  const started = performance.now();
  execFileSync('gdb', ['-nx', '-batch', ...commands.flatMap((line) => ['-ex', line]), program, core], {
    stdio: 'ignore',
  });
  return performance.now() - started;
}
