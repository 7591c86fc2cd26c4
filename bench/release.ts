import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, crash, median, published, startCollector, table } from './collector.ts';
import { type BenchMode, benchModes, REFERENCE } from './modes.ts';

const ROUNDS = 7;
/**
 * Before every crash, whatever the mode: what the last one left has ended by then, and the processor has been idle for as long.
 */
const PAUSE_MS = 1_000;
const SIZES = [1, 1024];
/** Crashes of one program as fast as they come, of which the first are news and the others repeats. */
const LOOP = { runs: 30, news: 5, rounds: 3 };

/** How long a crashed process stays unreaped, by what core_pattern holds. @returns Markdown tables. */
export async function measureRelease(): Promise<string> {
  return `${await withModes(WITHOUT_LIMITS, measureSeldom)}\n${await withModes([], measureLoop)}`;
}

interface Measured {
  program: string;
  modes: readonly BenchMode[];
  /** Of the collector that is ours. */
  logDir: string;
  setMode(mode: BenchMode): void;
}

/** Runs a collector and its peers for as long as it is measured. */
async function withModes(
  flags: readonly string[],
  measure: (measured: Measured) => Promise<string>,
): Promise<string> {
  const saved = readCoreSysctls();
  const directory = mkdtempSync(join(tmpdir(), 'uc-release-'));
  const program = buildCrasher(directory);
  const collector = await startCollector(flags);
  const { modes, stop } = await benchModes(directory, collector);
  const { corePipeLimit } = readCoreSysctls();
  try {
    const setMode = ({ pattern }: BenchMode) => writeCoreSysctls({ corePattern: pattern, corePipeLimit });
    return await measure({ program, modes, logDir: collector.logDir, setMode });
  } finally {
    writeCoreSysctls({ ...saved, corePattern: collector.pattern });
    await collector.stop();
    await stop();
    writeCoreSysctls(saved);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** After a second of silence, each crash with a report of its own. */
async function measureSeldom({ program, modes, logDir, setMode }: Measured): Promise<string> {
  const held = new Map<string, number[]>();
  // Rounds that go through the modes: what else the machine does hits every mode alike.
  const whole = modes.filter(({ isWhole }) => isWhole === true);
  const light = modes.filter((mode) => !whole.includes(mode));
  const rounds = [light, whole].flatMap((group) => Array.from({ length: ROUNDS }, () => group));
  for (const group of rounds) {
    for (const mode of group) {
      for (const megabytes of SIZES) {
        setMode(mode);
        await sleep(PAUSE_MS);
        const noDump = mode.noDump ?? false;
        const crashes = await crash(program, { megabytes, threads: 4, runs: 1, noDump });
        mode.cleanUp?.();
        const key = `${mode.name} ${megabytes}`;
        // The analysis of one crash must not be in the way of the next one's measurement.
        if (mode.isOurs) await published(logDir, crashes);
        held.set(key, [...(held.get(key) ?? []), ...crashes.map(({ heldMs }) => heldMs)]);
      }
    }
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
  return `Median of how long a process with 4 threads stays unreaped after its crash, ${ROUNDS} rounds, each crash after a second of silence and with a report of its own; what writes whole cores comes last.\n\n${table(head, rows)}`;
}

/** With the limits that a collector has by default: a storm. */
async function measureLoop({ program, modes, setMode }: Measured): Promise<string> {
  const held = new Map<string, number[]>();
  for (let round = 0; round < LOOP.rounds; round += 1) {
    for (const mode of modes) {
      setMode(mode);
      await sleep(PAUSE_MS);
      const noDump = mode.noDump ?? false;
      const crashes = await crash(program, { megabytes: 1, threads: 4, runs: LOOP.runs, noDump });
      mode.cleanUp?.();
      const repeats = crashes.slice(LOOP.news).map(({ heldMs }) => heldMs);
      held.set(mode.name, [...(held.get(mode.name) ?? []), ...repeats]);
    }
  }
  const reference = median(held.get(REFERENCE) ?? []);
  const rows = modes.map(({ name }) => {
    const ms = median(held.get(name) ?? []);
    return [name, ms.toFixed(2), (ms / reference).toFixed(2)];
  });
  return `The same program in a loop, with a collector's default limits: median of ${LOOP.rounds} rounds of ${LOOP.runs} crashes without the first ${LOOP.news}.\n\n${table(['core_pattern', '1 MiB: ms', '× true'], rows)}`;
}
