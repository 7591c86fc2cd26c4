import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CorpusProgram, nameOf } from './corpus-program.ts';
import { inParallel } from './in-parallel.ts';

const SOURCES = join(import.meta.dirname, 'programs');
/** As Debian ships them: what else a machine has under these names may be anything. */
const RUSTC = '/usr/bin/rustc';
const GO = '/usr/bin/go';
const PYTHON = '/usr/bin/python3';

const run = promisify(execFile);

/** A program that can be run. */
export interface Compiled {
  program: CorpusProgram;
  /** Its own, for what it leaves behind. */
  directory: string;
  /** What gdb is to open: the compiled program, or the interpreter. */
  executable: string;
  /** Arguments in front of the program's own: for an interpreter. */
  args: readonly string[];
  isInterpreted: boolean;
  library: string | null;
  replacement: string | null;
}

/** The text of one of the programs. */
export function corpusSource(name: string): string {
  return readFileSync(join(SOURCES, name), 'utf8');
}

/** Compiles programs below `directory`, as many at once as there are processors. */
export function compileCorpus(directory: string, programs: readonly CorpusProgram[]): Promise<Compiled[]> {
  return inParallel(programs, availableParallelism(), (program) => compile(directory, program));
}

async function compile(place: string, program: CorpusProgram): Promise<Compiled> {
  const { source, flags = [], library } = program;
  const directory = join(place, nameOf(program));
  const file = join(SOURCES, source);
  const executable = join(directory, nameOf(program));
  mkdirSync(directory, { recursive: true });
  const compiled = {
    program,
    directory,
    executable,
    args: [],
    isInterpreted: false,
    library: null,
    replacement: null,
  };
  const libraries = library === undefined ? {} : await compileLibrary(directory, library);
  const linked = library?.isLinked === true ? ['-L.', '-Wl,-rpath,$ORIGIN', '-llibrary'] : [];
  const extension = source.replace(/.*\./, '');
  if (extension === 'py')
    return { ...compiled, executable: PYTHON, args: [...flags, file], isInterpreted: true };
  if (extension === 'js') {
    return { ...compiled, executable: process.execPath, args: [...flags, file], isInterpreted: true };
  }
  // The source's directory is not the working directory: -gsplit-dwarf leaves its files there.
  if (extension === 'c') {
    await run('gcc', ['-g', '-w', '-pthread', ...flags, '-o', executable, file, ...linked], {
      cwd: directory,
    });
  } else if (extension === 'cc') {
    const args = ['-std=c++17', '-g', '-w', '-pthread', ...flags, '-o', executable, file];
    await run('g++', args, { cwd: directory });
  } else if (extension === 'rs') {
    const args = ['--edition', '2021', '-g', '-C', 'panic=abort', ...flags, '-o', executable, file];
    await run(RUSTC, args, { cwd: directory });
  } else if (extension === 'go') {
    const env = {
      ...process.env,
      GO111MODULE: 'off',
      GOFLAGS: '-mod=mod',
      GOPROXY: 'off',
      GOCACHE: join(place, 'go-cache'),
    };
    await run(GO, ['build', ...flags, '-o', executable, file], { cwd: directory, env });
  } else throw new Error(`No compiler for ${source}`);
  return { ...compiled, ...libraries };
}

async function compileLibrary(
  directory: string,
  { source, hasReplacement }: NonNullable<CorpusProgram['library']>,
): Promise<{ library: string; replacement: string | null }> {
  const build = async (name: string, flags: readonly string[]) => {
    const path = join(directory, name);
    await run('gcc', ['-g', '-w', '-shared', '-fPIC', ...flags, '-o', path, join(SOURCES, source)]);
    return path;
  };
  return {
    library: await build('liblibrary.so', []),
    replacement: hasReplacement ? await build('liblibrary.so.new', ['-O2', '-DREPLACED']) : null,
  };
}

/** A directory in which one run of a program finds everything: what it deletes or replaces is a copy. */
export function prepareRun(compiled: Compiled, directory: string): { command: string; args: string[] } {
  const { executable, isInterpreted, library, replacement, program } = compiled;
  mkdirSync(directory, { recursive: true });
  const copied = (file: string) => {
    const copy = join(directory, file.replace(/.*\//, ''));
    copyFileSync(file, copy);
    return copy;
  };
  const paths = {
    '{library}': library === null ? '' : copied(library),
    '{replacement}': replacement === null ? '' : copied(replacement),
  };
  const command = isInterpreted ? executable : copied(executable);
  const own = (program.args ?? []).map((arg) => (arg in paths ? paths[arg as keyof typeof paths] : arg));
  return { command, args: [...compiled.args, ...own] };
}

/** Puts back what the run has replaced, so that gdb finds what was mapped. */
export function restoreFiles({ library }: Compiled, directory: string): void {
  if (library !== null) copyFileSync(library, join(directory, library.replace(/.*\//, '')));
}
