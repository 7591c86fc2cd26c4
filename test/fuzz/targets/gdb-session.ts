import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceFiles } from '../../../analysis/gdb/source-files.ts';
import { analyseWithGdb, DEFAULT_GDB_LIMITS } from '../../../analysis/run-gdb.ts';
import { bytesSource } from '../../../capture/core-source.ts';
import { readCoreHead } from '../../../capture/read-core-head.ts';
import { assertRecord, capturedWith, recordOf } from '../assert-record.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
chmodSync(directory, 0o755);
const printed = join(directory, 'printed');
const gdbPath = join(directory, 'gdb');
const replay = join(import.meta.dirname, '../replay-gdb.ts');
writeFileSync(gdbPath, `#!/bin/sh\nexec '${process.execPath}' '${replay}' '${printed}'\n`, { mode: 0o755 });

/** A gdb of 20 ms that does not stop talking must not hold up the others. */
const SEEN = [process.execPath, replay];
const LIMITS = {
  ...DEFAULT_GDB_LIMITS,
  gdbPath,
  seen: SEEN,
  commandMs: 500,
  runMs: 3_000,
  outputBytes: 4 * 1024 ** 2,
};
const [core = Buffer.alloc(0)] = readCorpus('small-core');
const head = readCoreHead(bytesSource(core));

/** A gdb that answers anything, to the whole analysis. */
export const gdbSession: FuzzTarget = {
  name: 'gdb-session',
  corpus: 'gdb-lines',
  limitMs: 10_000,
  testCases: 40,
  async check(input) {
    writeFileSync(printed, input);
    const inputs = {
      core,
      head,
      modules: [],
      mappings: [],
      threadNames: new Map(),
      sourceFiles: new SourceFiles(null),
    };
    const sections = await analyseWithGdb(inputs, LIMITS);
    const record = recordOf(capturedWith({}, { head }));
    const { threads, omittedThreads, stack, memory, code, source, missing, notes } = sections;
    Object.assign(record, { threads, omittedThreads, stack, memory, code, source });
    Object.assign(record.missing, missing);
    record.collection.notes.push(...notes);
    assert.equal(threads.length, head.threads.length);
    assert.ok(notes.every(({ length }) => length <= 5000));
    assertRecord(record);
  },
  close: () => rmSync(directory, { recursive: true, force: true }),
};
