import assert from 'node:assert/strict';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceFiles } from '../../../analysis/gdb/source-files.ts';
import { analyseWithGdb, DEFAULT_GDB_LIMITS, type GdbSections } from '../../../analysis/run-gdb.ts';
import type { StackGap } from '../../../capture/captured.ts';
import { captureCore } from '../../../capture/file/capture-core.ts';
import { assertRecord, capturedWith, recordOf } from '../assert-record.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
chmodSync(directory, 0o755);
const printed = join(directory, 'printed');
const gdbPath = join(directory, 'gdb');
const replay = join(import.meta.dirname, '../replay-gdb.ts');
writeFileSync(gdbPath, `#!/bin/sh\nexec '${process.execPath}' '${replay}' '${printed}'\n`, { mode: 0o755 });

const SEEN = [process.execPath, replay];
/** On a busy machine; what has nothing more to say ends by itself, and is not waited for. */
const LIMITS = {
  ...DEFAULT_GDB_LIMITS,
  gdbPath,
  seen: SEEN,
  commandMs: 5_000,
  runMs: 15_000,
  outputBytes: 4 * 1024 ** 2,
};
const recorded = readCorpus('gdb-session');
/** A file for every module: commands are the same where there is one, whatever it holds. */
const file = openSync(join(directory, 'file'), 'w+');
writeSync(file, readCorpus('elf-file')[0] ?? Buffer.alloc(0));

/** Cores that there is a recorded gdb of; made when the first one is wanted. */
let cores: ReturnType<typeof analysedCore>[] | null = null;

/** A gdb that answers anything, to the whole analysis. */
export const gdbSession: FuzzTarget = {
  name: 'gdb-session',
  limitMs: 30_000,
  async check(input) {
    writeFileSync(printed, input);
    // The one of which it talks, by the numbers of its threads.
    cores ??= analysedCores();
    const of = cores.find(({ head }) => input.includes(`LWP ${head.threads[0]?.tid}`)) ?? cores[0];
    assert.ok(of !== undefined);
    const { head } = of;
    const sourceFiles = new SourceFiles(null);
    const sections = await analyseWithGdb({ ...of, sourceFiles }, LIMITS).finally(() => sourceFiles.close());
    const record = recordOf(capturedWith({}, { head }));
    const { threads, omittedThreads, stack, memory, code, source, missing, notes } = sections;
    Object.assign(record, { threads, omittedThreads, stack, memory, code, source });
    Object.assign(record.missing, missing);
    record.collection.notes.push(...notes);
    assert.equal(threads.length, head.threads.length);
    assert.ok(notes.every(({ length }) => length <= 5000));
    assertRecord(record);
    if (recorded.some((whole) => whole.equals(input))) assertWhole(sections);
  },
  close() {
    closeSync(file);
    rmSync(directory, { recursive: true, force: true });
  },
};

/** What the capture has counted where a core lacks the middle of a stack. */
function gapsOf(json: Buffer): StackGap[] {
  // Written by collect-corpus.ts, and by nobody else.
  const plain: (Omit<StackGap, 'returns'> & { returns: [number, number][] })[] = JSON.parse(String(json));
  return plain.map((gap) => ({ ...gap, returns: new Map(gap.returns) }));
}

function analysedCores() {
  const gaps = readCorpus('gdb-gaps').map(gapsOf);
  return readCorpus('gdb-core').map((core, index) => analysedCore(core, gaps[index] ?? []));
}

function analysedCore(core: Buffer, gaps: StackGap[]) {
  const path = join(directory, 'core');
  writeFileSync(path, core);
  const fd = openSync(path, 'r');
  try {
    const { head, modules } = captureCore(fd, { sysroot: directory, executable: null });
    const withFiles = modules.map((module) => ({ ...module, fd: file, buildId: null }));
    return { core, gaps, head, modules: withFiles, mappings: [], threadNames: new Map<number, Buffer>() };
  } finally {
    closeSync(fd);
  }
}

/** Of what the real gdb said nothing is lost: otherwise all that is fuzzed is the way to the first error. */
function assertWhole({ threads, code, notes, missing }: GdbSections): void {
  assert.deepEqual([notes, Object.keys(missing)], [[], ['source']]);
  assert.ok(code !== null && threads.every(({ frames }) => frames !== null && frames.length >= 3));
  const [first] = threads;
  // Both ends of the deep one.
  assert.ok(threads.length === 1 || threads.some(({ omittedAfter }) => omittedAfter !== null));
  assert.ok(first?.frames?.some(({ function: name }) => /total_of|draw/.test(name ?? '')));
  assert.ok(first?.frames?.some((frame) => frame.arguments !== null && frame.locals !== null));
}
