import { readCorpus } from './corpus.ts';
import { FuzzCases } from './fuzz-case.ts';
import { corpusOf, type FuzzTarget } from './fuzz-target.ts';

/** The inputs of a target, by the corpus that is kept. */
export function casesOf(target: FuzzTarget, { seed, maxCuts }: { seed: number; maxCuts: number }): FuzzCases {
  const change = target.change === undefined ? {} : { change: target.change };
  return new FuzzCases(readCorpus(corpusOf(target)), seed, { maxCuts, ...change });
}
