import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, crash, published, startCollector, table } from './collector.ts';
import { processes, proportionalKib } from './proportional-size.ts';

const SAMPLE_MS = 5;
/** By then what only the start needed is given back. */
const IDLE_AFTER_MS = 5_000;

/**
 * Most memory that server and clients take while processes of 1 GiB and 1 MiB crash: with the resident client, and with
 * clients that the kernel starts. @returns A Markdown table.
 */
export async function measureMemory(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-memory-'));
  const program = buildCrasher(directory);
  const collector = await startCollector(WITHOUT_LIMITS);
  const most = new Map<string, number>();
  const sample = () => {
    for (const [pid, role] of processes(collector)) {
      most.set(role, Math.max(most.get(role) ?? 0, proportionalKib(pid)));
    }
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const rows: string[][] = [];
  const mib = (role: string) => ((most.get(role) ?? 0) / 1024).toFixed(1);
  try {
    await sleep(IDLE_AFTER_MS);
    most.clear();
    sample();
    rows.push(['server, idle', mib('server'), '60'], ['resident client, idle', mib('resident'), '90']);
    rows.push(['process that waits for a crash, idle', mib('client'), '']);
    const all = [...most.values()].reduce((sum, kib) => sum + kib, 0);
    rows.push(['all three, idle', (all / 1024).toFixed(1), '100']);
    for (const megabytes of [1024, 1, 1, 1, 1, 1]) {
      await published(collector.logDir, await crash(program, { megabytes, threads: 4, runs: 1 }));
    }
    rows.push(['server, at most', mib('server'), '60'], ['resident client, at most', mib('resident'), '90']);
    const resident = [...processes(collector)].find(([, role]) => role === 'resident')?.[0];
    writeCoreSysctls({ ...readCoreSysctls(), corePattern: collector.pipePattern });
    // Held back, so that the next crash is a client's of its own.
    if (resident !== undefined) process.kill(resident, 'SIGSTOP');
    await published(collector.logDir, await crash(program, { megabytes: 1024, threads: 4, runs: 1 }));
    rows.push(['client of one crash, at most', mib('client'), '90']);
  } finally {
    clearInterval(timer);
    await collector.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return `Proportional set size, sampled every ${SAMPLE_MS} ms; gdb is not counted.\n\n${table(['process', 'MiB', 'goal'], rows)}`;
}
