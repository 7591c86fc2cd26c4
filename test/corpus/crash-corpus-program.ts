import { join } from 'node:path';
import { type CrashPlace, gdb, type HeldFacts } from '../capture/crash-held.ts';
import { type Comparison, compareBacktraces, comparedCommands } from './compare-backtraces.ts';
import { type Compiled, prepareRun, restoreFiles } from './compile-corpus.ts';
import { type CorpusProgram, nameOf } from './corpus-program.ts';

/** Crashes of one program in all, for its quick key. */
const RUNS = 3;

/** What came of a program. */
export interface CorpusResult {
  program: CorpusProgram;
  facts: HeldFacts;
  smallBytes: number;
  comparison: Comparison;
  /** Of each run the quick key, or what it is made of without the parts that vary. */
  keys: string[];
}

/** Crashes a program, compares both cores of the crash, and crashes it again for its quick key. */
export async function crashCorpusProgram(place: CrashPlace, compiled: Compiled): Promise<CorpusResult> {
  const { program } = compiled;
  const crashOnce = async (run: number, env: Readonly<Record<string, string>>) => {
    const cwd = join(compiled.directory, `run-${run}`);
    const { command, args } = prepareRun(compiled, cwd);
    const crash = await place.crash(command, {
      args,
      cwd,
      // Another environment moves the main thread's stack further than address randomisation does.
      env: { ...process.env, ...program.env, ...env, MOVES: 'the stack'.repeat(run * 5) },
      isChild: program.isChild ?? false,
    });
    restoreFiles(compiled, cwd);
    return crash;
  };
  const crash = await crashOnce(0, {});
  const commands = commandsFor(program);
  const small = await gdb(compiled.executable, crash.small, ...commands);
  const full = await gdb(compiled.executable, crash.full, ...commands);
  const comparison = compareBacktraces(small, full);
  place.remove(crash);
  const keys = [keyOf(program, crash.facts)];
  for (let run = 1; run < RUNS; run += 1) {
    const again = await crashOnce(run, { HELD_CLIENT: 'key-only' });
    keys.push(keyOf(program, again.facts));
    place.remove(again);
  }
  return { program, facts: crash.facts, smallBytes: crash.smallBytes, comparison, keys };
}

function keyOf({ keyVaries }: CorpusProgram, { quickKey, keyParts }: HeldFacts): string {
  if (keyVaries === undefined) return quickKey;
  return keyParts.filter((_part, index) => !keyVaries.isPart(index)).join(' ');
}

function commandsFor({ source, prints = [] }: CorpusProgram): string[] {
  // gdb 13 aborts the command on some of Rust's enums, which are arguments of Rust's own panic.
  const frameArguments = source.endsWith('.rs') ? 'scalars' : 'all';
  return [`set print frame-arguments ${frameArguments}`, ...comparedCommands(prints)];
}

/** A line of the table. */
export function rowOf({ program, facts, smallBytes, comparison }: CorpusResult): string[] {
  const { threads, frames, locals, differences } = comparison;
  const why = new Set(
    [...(program.explained ?? []), program.keyVaries ?? []].flat().map((entry) => entry.why),
  );
  return [
    nameOf(program),
    String(threads),
    String(frames),
    (smallBytes / 1024).toFixed(0),
    facts.captureMs.toFixed(1),
    facts.warmMs.toFixed(1),
    facts.keyMs.toFixed(2),
    String(locals),
    String(differences.length),
    [...why].join('; '),
  ];
}

/** The table's head; ms of the first capture of a process, and of the fastest of some more. */
export const HEAD = [
  'program',
  'threads',
  'frames',
  'KiB',
  'cold ms',
  'warm ms',
  'key ms',
  'locals',
  'differ',
  'why',
];
