import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';
import { FUZZ_TARGETS } from './targets.ts';

/**
 * Fuzzes for a time, with a seed that nobody has tried:
 *
 *   npm run fuzz -- [--seconds 60] [--seed NUMBER] [TARGET ...]
 *   npm run fuzz -- --seed 12 --case 4711 maps        one case again
 *
 * The time is for all targets together. What fails is told with seed and case, and its input is left in a file.
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
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const targets = FUZZ_TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const runMs = (Number(values.seconds ?? 60) * 1000) / Math.max(1, targets.length);
const failures = join(import.meta.dirname, '../../.cache/fuzz');

console.log(`seed ${seed}, ${Math.round(runMs / 1000)} s for each of ${targets.length} targets`);
if (targets.length === 0) process.exitCode = 2;
for (const target of targets) {
  const { name } = target;
  const first = Number(values.case ?? 0);
  const cases = values.case === undefined ? Number.POSITIVE_INFINITY : 1;
  const run = { seed, first, cases, runMs, maxCuts: Number(values.cuts ?? Number.POSITIVE_INFINITY) };
  const { cases: count, failure } = await runFuzz(target, run);
  console.log(`${name.padEnd(18)} ${count} inputs${failure === null ? '' : ', FAILED'}`);
  if (failure === null) continue;
  process.exitCode = 1;
  mkdirSync(failures, { recursive: true });
  const file = join(failures, `${name}-${seed}-${failure.index}`);
  writeFileSync(file, failure.input);
  console.log(`  again: npm run fuzz -- --seed ${seed} --case ${failure.index} ${name}`);
  console.log(`  its smallest input, ${failure.input.length} bytes, is in ${file}`);
  console.log(`  ${failure.what.replaceAll('\n', '\n  ')}`);
  console.log(`  ${JSON.stringify(failure.input.subarray(0, 400).toString('latin1'))}`);
}
