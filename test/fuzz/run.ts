import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { againCommand } from './again-command.ts';
import { runFuzz } from './run-fuzz.ts';
import { FAULTY_TARGETS, FUZZ_TARGETS } from './targets.ts';

/** As many as randomInt() chooses from: two runs hardly ever take the same. */
const SEEDS = 2 ** 48 - 1;

/**
 * Fuzzes for a time, with a seed that nobody has tried:
 *
 *   npm run fuzz -- [--seconds 60] [--seed NUMBER] [TARGET ...]
 *   npm run fuzz -- --seed 12 --case 4711 maps        one case again
 *
 * The time is for all targets together. What fails is told with seed and case, and its input is left in a file; a target that
 * had no input at all has failed too. The others go on, and the exit code is 1. With
 * `--cuts NUMBER` only so many cases are inputs that are cut off, see FuzzCases.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    case: { type: 'string' },
    cuts: { type: 'string' },
  },
});
const seed = Number(values.seed ?? randomInt(SEEDS));
const all = FUZZ_TARGETS.flatMap(({ names }) => names);
const named = [...all, ...FAULTY_TARGETS.names].filter((name) => positionals.includes(name));
const targets = positionals.length === 0 ? all : named;
const runMs = (Number(values.seconds ?? 60) * 1000) / Math.max(1, targets.length);
const failures = join(import.meta.dirname, '../../.cache/fuzz');

console.log(`seed ${seed}, ${Math.round(runMs / 1000)} s for each of ${targets.length} targets`);
if (targets.length === 0) process.exitCode = 2;
for (const name of targets) {
  const first = Number(values.case ?? 0);
  const cases = values.case === undefined ? Number.POSITIVE_INFINITY : 1;
  const run = { seed, first, cases, runMs, maxCuts: Number(values.cuts ?? Number.POSITIVE_INFINITY) };
  const { cases: count, failure } = await runFuzz(name, run).catch((error: Error) => ({
    cases: null,
    failure: error,
  }));
  const isFailed = failure !== null || count === 0;
  console.log(`${name.padEnd(18)} ${count ?? 'unknown number of'} inputs${isFailed ? ', FAILED' : ''}`);
  if (isFailed) process.exitCode = 1;
  if (failure instanceof Error) console.log(`  seed ${seed}: ${inspect(failure).replaceAll('\n', '\n  ')}`);
  if (failure === null || failure instanceof Error) continue;
  mkdirSync(failures, { recursive: true });
  const file = join(failures, `${name}-${seed}-${failure.index}`);
  writeFileSync(file, failure.input);
  console.log(`  again: ${againCommand(name, run, failure.index)}`);
  console.log(`  its smallest input, ${failure.input.length} bytes, is in ${file}`);
  console.log(`  ${failure.what.replaceAll('\n', '\n  ')}`);
  console.log(`  ${JSON.stringify(failure.input.subarray(0, 400).toString('latin1'))}`);
}
