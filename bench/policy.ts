import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { CrashPlace, gdb, type HeldCrash } from '../test/capture/crash-held.ts';
import { compareBacktraces, comparedCommands } from '../test/corpus/compare-backtraces.ts';
import { type Compiled, compileCorpus, prepareRun } from '../test/corpus/compile-corpus.ts';
import { CORPUS } from '../test/corpus/corpus.ts';
import { type CorpusProgram, nameOf } from '../test/corpus/corpus-program.ts';
import { inParallel } from '../test/corpus/in-parallel.ts';
import type { TakenOfCrash } from './policy-client.ts';
import { changeable, policyConstants } from './policy-constants.ts';
import { type Measured, policyTable } from './policy-table.ts';

/** One of each kind that a figure of the policy is for. */
const PROGRAMS = [
  ...['structures', 'assertion-first', 'chains', 'globals', 'large-locals', 'main-has-ended', 'containers'],
  ...['big-vector', 'rust-collections', 'go-goroutines', 'go-overflow', 'python', 'coroutine-waiting'],
  ...[
    'stack-overflow-large',
    'handler-heap-stack',
    'threads-10',
    'threads-large-frames',
    'threads-300',
    'threads-1000',
    'data-large',
    'ordered-map',
  ],
];
/** As many threads as a figure is for that none of the corpus has (MANY_THREADS, halved and doubled), and many deep stacks. */
const OWN_PROGRAMS: readonly CorpusProgram[] = [
  { name: 'threads-80', source: 'threads.c', flags: ['-DCOUNT=80'], signal: 'SIGABRT' },
  { name: 'threads-150', source: 'threads.c', flags: ['-DCOUNT=150'], signal: 'SIGABRT' },
  { name: 'threads-deep-60', source: 'threads-deep.c', flags: ['-DCOUNT=60'], signal: 'SIGABRT' },
];
/** With each figure changed the process is captured some times. */
const HELD_MS = 300_000;
/** A gdb of each: what a machine with two processors does at once. */
const AT_ONCE = 2;

/** Makes the policy's figures changeable in the client's bundle: nothing of the product knows of it. */
const CHANGEABLE: Plugin = {
  name: 'policy',
  setup(build) {
    build.onLoad({ filter: /\/capture\/[a-z-]+\.ts$/ }, ({ path }) => ({
      contents: changeable(basename(path), readFileSync(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/**
 * What each figure of the small core's policy costs and gives: the same held process is captured with that figure halved
 * and doubled, and gdb shows each core next to the full one. @returns A Markdown table.
 */
export async function measurePolicy(): Promise<string> {
  const after: (() => void)[] = [];
  const own = readCoreSysctls();
  const entryPoints = [join(import.meta.dirname, 'policy-client.ts')];
  const client = { entryPoints, plugins: [CHANGEABLE] };
  const { place, corePattern } = await CrashPlace.prepare({ after: (act) => after.push(act) }, client, '');
  try {
    const programs = [...CORPUS.filter((program) => PROGRAMS.includes(nameOf(program))), ...OWN_PROGRAMS];
    const compiled = await compileCorpus(place.directory, programs);
    writeCoreSysctls({ corePattern, corePipeLimit: 64 });
    const crashes: [Compiled, HeldCrash][] = [];
    for (const one of compiled) crashes.push([one, await crashOf(place, one)]);
    writeCoreSysctls(own);
    const measured: Measured[] = [];
    for (const [one, crash] of crashes) measured.push(await showAll(one, crash));
    return policyTable(
      measured,
      policyConstants().filter(({ isChanged }) => isChanged),
    );
  } finally {
    writeCoreSysctls(own);
    for (const act of after) act();
  }
}

function crashOf(place: CrashPlace, compiled: Compiled): Promise<HeldCrash> {
  const { command, args } = prepareRun(compiled, join(compiled.directory, 'run'));
  const env = { ...process.env, ...compiled.program.env };
  return place.crash(command, { args, env, limitMs: HELD_MS });
}

async function showAll({ program, executable }: Compiled, { small, full }: HeldCrash): Promise<Measured> {
  const commands = comparedCommands(program.prints ?? []);
  const shownByFull = await gdb(executable, full, ...commands);
  const compare = async (core: string) =>
    compareBacktraces(await gdb(executable, core, ...commands), shownByFull);
  const comparison = await compare(small);
  const taken: TakenOfCrash = JSON.parse(readFileSync(small.replace(/small$/, 'taken'), 'utf8'));
  const shown = await inParallel(taken.changes, AT_ONCE, async (one) => {
    const { differences } = one.path === null ? comparison : await compare(one.path);
    return { ...one, differences };
  });
  return { program: nameOf(program), comparison, taken, shown };
}
