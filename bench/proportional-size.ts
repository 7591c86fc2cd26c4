import { readdirSync, readFileSync } from 'node:fs';
import type { BenchCollector } from './collector.ts';

/** The processes of this collector that run now, by what they are. Others may run beside it. */
export function processes({
  process: server,
  runDir,
}: Pick<BenchCollector, 'process' | 'runDir'>): Map<number, 'server' | 'resident' | 'client'> {
  const found = new Map<number, 'server' | 'resident' | 'client'>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = textOf(`/proc/${name}/cmdline`);
    if (Number(name) === server.pid) found.set(Number(name), 'server');
    else if (command.includes(`${runDir}\0--resident\0`)) found.set(Number(name), 'resident');
    else if (command.includes(`usercrash-client\0${runDir}\0`)) found.set(Number(name), 'client');
  }
  return found;
}

/** What a process takes, its share of what it shares included; 0 for one that has ended. */
export function proportionalKib(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // It has ended since.
  }
}
