import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { SourceFiles } from '../../analysis/gdb/source-files.ts';
import type { GdbInputs } from '../../analysis/run-gdb.ts';
import { readFileBuildId } from '../../capture/build-id.ts';
import type { LoadedModule, MappedFile, ThreadNotes } from '../../capture/captured.ts';
import { takeCorePattern } from '../core-pattern.ts';

/** A program that crashed for real, and the full core that the kernel wrote of it. */
export interface CrashedProgram {
  directory: string;
  executable: string;
  corePath: string;
  core: Buffer;
  inputs: GdbInputs;
}

export interface CrashOptions {
  language?: 'c' | 'c++';
  /** Compiler options; `-g -O0` by default. */
  flags?: string[];
  /** Directory and name of the executable inside the temporary directory. */
  path?: string;
  /** Names by which the dynamic linker knows libraries that `ldd` does not list, from the program's directory. */
  libraries?: string[];
  /** Done in the program's directory before it runs. */
  prepare?: (directory: string) => void;
}

/**
 * Compiles `source`, lets it crash in a temporary directory and reads the core's notes: a reader of its own, for
 * x86-64, so that a fault of the product's cannot hide itself. Everything is gone when the test ends.
 */
export async function crashProgram(
  t: TestContext,
  source: string,
  { language = 'c', flags = ['-g', '-O0'], path = 'program', libraries = [], prepare }: CrashOptions = {},
): Promise<CrashedProgram> {
  const top = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  const executable = join(top, path);
  const directory = join(executable, '..');
  mkdirSync(directory, { recursive: true });
  const sourceFile = join(top, language === 'c' ? 'program.c' : 'program.cpp');
  writeFileSync(sourceFile, source);
  execFileSync(language === 'c' ? 'gcc' : 'g++', [...flags, '-pthread', '-w', '-o', executable, sourceFile]);
  prepare?.(directory);
  await withPlainCorePattern(() => {
    spawnSync('prlimit', ['--core=unlimited', executable], { cwd: directory, timeout: 10_000 });
  });
  const corePath = join(directory, 'core');
  const core = readFileSync(corePath);
  return { directory, executable, corePath, core, inputs: inputsOf(t, core, executable, libraries) };
}

/** Holds the machine's core_pattern at its plain value only for as long as the crash takes. */
async function withPlainCorePattern(crash: () => void): Promise<void> {
  const releases: (() => void)[] = [];
  const context = { after: (release: () => void) => releases.push(release) };
  // Of a test's context takeCorePattern uses `after` alone.
  await takeCorePattern(context as unknown as TestContext, 'core');
  try {
    crash();
  } finally {
    for (const release of releases) release();
  }
}

function inputsOf(t: TestContext, core: Buffer, executable: string, libraries: string[]): GdbInputs {
  const sourceFiles = new SourceFiles({ uid: 0, gid: 0 });
  t.after(() => sourceFiles.close());
  const notes = notesOf(core);
  const threads = notes.filter(({ type }) => type === 1).map(({ value }) => threadOf(value));
  const files = notes.filter(({ type }) => type === 0x46494c45).flatMap(({ value }) => filesOf(value));
  const listed = execFileSync('ldd', [executable], { encoding: 'utf8' });
  const names = [...listed.matchAll(/(?:=> |^\t)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '');
  const modules = [executable, ...names, ...libraries].flatMap((name, index): LoadedModule[] => {
    const path = realpathSync(resolve(executable, '..', name));
    const mapped = files.filter((file) => file.path.toString() === path);
    const start = mapped[0]?.start;
    const end = mapped.at(-1)?.end;
    if (start === undefined || end === undefined) return [];
    const fd = openSync(path, 'r');
    t.after(() => closeSync(fd));
    return [
      {
        name: Buffer.from(name),
        isExecutable: index === 0,
        base: start,
        start,
        end,
        buildId: readFileBuildId(fd),
        path: Buffer.from(path),
        deleted: false,
        mayBlock: false,
        fd,
      },
    ];
  });
  return {
    core,
    head: { threads, machine: 62, bits: 64 },
    modules,
    mappings: [],
    threadNames: new Map(),
    sourceFiles,
  };
}

function notesOf(core: Buffer): { type: number; value: Buffer }[] {
  const notes: { type: number; value: Buffer }[] = [];
  const table = Number(core.readBigUInt64LE(32));
  for (let index = 0; index < core.readUInt16LE(56); index += 1) {
    const header = table + index * 56;
    if (core.readUInt32LE(header) !== 4) continue;
    let at = Number(core.readBigUInt64LE(header + 8));
    const end = at + Number(core.readBigUInt64LE(header + 32));
    while (at + 12 <= end) {
      const name = Math.ceil(core.readUInt32LE(at) / 4) * 4;
      const length = core.readUInt32LE(at + 4);
      const value = core.subarray(at + 12 + name, at + 12 + name + length);
      notes.push({ type: core.readUInt32LE(at + 8), value });
      at += 12 + name + Math.ceil(length / 4) * 4;
    }
  }
  return notes;
}

/** struct elf_prstatus of x86-64: pid at 32, struct user_regs_struct at 112. */
const REGISTERS =
  'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base'.split(
    ' ',
  );

function threadOf(value: Buffer): ThreadNotes {
  const registers = new Map(
    REGISTERS.map((name, index) => [name, value.readBigUInt64LE(112 + index * 8)] as const),
  );
  return { tid: value.readInt32LE(32), registers };
}

function filesOf(value: Buffer): MappedFile[] {
  const count = Number(value.readBigUInt64LE(0));
  const pageBytes = value.readBigUInt64LE(8);
  const paths = value
    .subarray(16 + count * 24)
    .toString('latin1')
    .split('\0');
  return Array.from({ length: count }, (_, index) => ({
    start: value.readBigUInt64LE(16 + index * 24),
    end: value.readBigUInt64LE(24 + index * 24),
    offset: value.readBigUInt64LE(32 + index * 24) * pageBytes,
    path: Buffer.from(paths[index] ?? '', 'latin1'),
  }));
}
