import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, crash, median, published, startCollector, table } from './collector.ts';
import { benchModes, REFERENCE } from './modes.ts';

const ROUNDS = 7;
/**
 * Before every crash, whatever the mode: what the last one left has ended by then, and the processor has been idle for as long.
 */
const PAUSE_MS = 1_000;
const SIZES = [1, 1024];

/** How long a crashed process stays unreaped, by what core_pattern holds. @returns A Markdown table. */
export async function measureRelease(): Promise<string> {
  const saved = readCoreSysctls();
  const directory = mkdtempSync(join(tmpdir(), 'uc-release-'));
  const program = buildCrasher(directory);
  const collector = await startCollector(WITHOUT_LIMITS);
  const { modes, stop } = await benchModes(directory, collector);
  const { corePipeLimit } = readCoreSysctls();
  const held = new Map<string, number[]>();
  try {
    // Rounds that go through all modes: what else the machine does hits every mode alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const mode of modes) {
        for (const megabytes of SIZES) {
          writeCoreSysctls({ corePattern: mode.pattern, corePipeLimit });
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          const noDump = mode.noDump ?? false;
          const crashes = await crash(program, { megabytes, threads: 4, runs: 1, noDump });
          mode.cleanUp?.();
          const key = `${mode.name} ${megabytes}`;
          // The analysis of one crash must not be in the way of the next one's measurement.
          if (mode.isOurs) await published(collector.logDir, crashes);
          held.set(key, [...(held.get(key) ?? []), ...crashes.map(({ heldMs }) => heldMs)]);
        }
      }
    }
  } finally {
    writeCoreSysctls({ ...saved, corePattern: collector.pattern });
    await collector.stop();
    await stop();
    writeCoreSysctls(saved);
    rmSync(directory, { recursive: true, force: true });
  }
  const of = (mode: string, megabytes: number) => median(held.get(`${mode} ${megabytes}`) ?? []);
  const rows = modes.map(({ name }) => [
    name,
    ...SIZES.flatMap((megabytes) => {
      const ms = of(name, megabytes);
      const reference = of(REFERENCE, megabytes);
      return [ms.toFixed(1), `${(ms / reference).toFixed(2)}`, `${(ms - reference).toFixed(1)}`];
    }),
  ]);
  const head = [
    'core_pattern',
    ...SIZES.flatMap((megabytes) => [`${megabytes} MiB: ms`, '× true', 'ms − true']),
  ];
  return `Median of how long a process with 4 threads stays unreaped after its crash, ${ROUNDS} rounds.\n\n${table(head, rows)}`;
}
