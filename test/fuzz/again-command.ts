import type { FuzzRun } from './run-fuzz.ts';

/** The command that makes one case again and runs it: the same input follows only from the same seed and number of cuts. */
export function againCommand(
  target: string,
  { seed, maxCuts }: Pick<FuzzRun, 'seed' | 'maxCuts'>,
  index: number,
): string {
  const cuts = Number.isFinite(maxCuts) ? ` --cuts ${maxCuts}` : '';
  return `npm run fuzz -- --seed ${seed}${cuts} --case ${index} ${target}`;
}
