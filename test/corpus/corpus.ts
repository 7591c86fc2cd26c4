import { C_PROGRAMS } from './c-programs.ts';
import type { CorpusProgram } from './corpus-program.ts';
import { CXX_PROGRAMS, GO_PROGRAMS, INTERPRETED_PROGRAMS, RUST_PROGRAMS } from './other-programs.ts';

/** All programs. */
export const CORPUS: readonly CorpusProgram[] = [
  ...C_PROGRAMS,
  ...CXX_PROGRAMS,
  ...RUST_PROGRAMS,
  ...GO_PROGRAMS,
  ...INTERPRETED_PROGRAMS,
];
