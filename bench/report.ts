import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { readRecord } from '../report/read-record.ts';
import { buildCrasher, crash, median, startCollector, table } from './collector.ts';

const RUNS = 9;
const SIZES = [1, 1024];

/**
 * From the crash to the published report, next to a lone gdb that prints the same on the same small core. @returns A
 * Markdown table.
 */
export async function measureReport(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-report-'));
  const program = buildCrasher(directory);
  const collector = await startCollector();
  const rows: string[][] = [];
  try {
    for (const megabytes of SIZES) {
      const published: number[] = [];
      const analysed: number[] = [];
      const gdb: number[] = [];
      let coreKib = 0;
      for (let run = 0; run < RUNS; run += 1) {
        const seen = nextReport(collector.logDir);
        const [first] = await crash(program, { megabytes, threads: 4, runs: 1 });
        const { path, atMs } = await seen;
        published.push(atMs - (first?.atUs ?? 0) / 1000);
        const record = readRecord(readFileSync(`${path}.json`));
        const at = (name: string) =>
          record.collection.steps.find((step) => step.name === name)?.atMs ?? Number.NaN;
        analysed.push(at('analysed') - at('released'));
        coreKib = (record.collection.core?.compressedBytes ?? 0) / 1024;
        gdb.push(loneGdb(program, path, directory));
      }
      const reference = median(gdb);
      const ms = median(published);
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
    await collector.stop();
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
  return `Median of ${RUNS} crashes with 4 threads: from the fault until the text has its name.\n\n${table(head, rows)}`;
}

/** Resolves when the next report's text gets its name. */
function nextReport(logDir: string): Promise<{ path: string; atMs: number }> {
  return new Promise((resolve) => {
    const watcher = watch(logDir, (_event, name) => {
      if (name === null || !/^usercrash_\d\d$/.test(name)) return;
      watcher.close();
      resolve({ path: join(logDir, name), atMs: performance.timeOrigin + performance.now() });
    });
  });
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
