import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCrasher, crash, startCollector, table } from './collector.ts';

const SAMPLE_MS = 3;

/** Most memory that server and clients take while a 1 GiB process crashes, alone and ten times. @returns A Markdown table. */
export async function measureMemory(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-memory-'));
  const program = buildCrasher(directory);
  const collector = await startCollector();
  const server = collector.process.pid ?? 0;
  const idle = proportionalKib(server);
  let client = 0;
  let most = idle;
  const timer = setInterval(() => {
    most = Math.max(most, proportionalKib(server));
    for (const pid of clients()) client = Math.max(client, proportionalKib(pid));
  }, SAMPLE_MS);
  try {
    await crash(program, { megabytes: 1024, threads: 4, runs: 3 });
    await crash(program, { megabytes: 1, threads: 4, runs: 10 });
    while (clients().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    clearInterval(timer);
    await collector.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const mib = (kib: number) => (kib / 1024).toFixed(1);
  const rows = [
    ['server, idle', mib(idle), '60'],
    ['server, at most', mib(most), '60'],
    ['client, at most (gdb not counted)', mib(client), '90'],
  ];
  return `Proportional set size, sampled every ${SAMPLE_MS} ms.\n\n${table(['process', 'MiB', 'goal'], rows)}`;
}

/** Pids of the clients that run now. */
function clients(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/cmdline`).includes('usercrash-client'))
    .map(Number);
}

function proportionalKib(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It has ended since.
  }
}
