import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { launchGdb } from '../../analysis/gdb/launch-gdb.ts';
import { makeSymbolIndexes, openSymbolIndexes } from '../../analysis/gdb/symbol-indexes.ts';
import { analyseWithGdb, DEFAULT_GDB_LIMITS } from '../../analysis/run-gdb.ts';
import { type CrashedProgram, crashProgram } from './crash-program.ts';

const ABORT = `
#include <stdlib.h>
#include <string.h>
static int inner(const char *text) { if (strlen(text) > 3) abort(); return 0; }
int main(void) { return inner("four"); }
`;

function madeIndexes(t: TestContext): string {
  const runDir = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  t.after(() => rmSync(runDir, { recursive: true }));
  makeSymbolIndexes(runDir, DEFAULT_GDB_LIMITS.gdbPath);
  return runDir;
}

function openIndexes(t: TestContext, runDir: string): number {
  const indexes = openSymbolIndexes(runDir);
  assert.notEqual(indexes, null);
  t.after(() => closeSync(indexes ?? -1));
  return indexes ?? -1;
}

/** @returns What gdb itself says of its use of indexes. */
async function statistics({ core, inputs }: CrashedProgram, symbolIndexes: number | null): Promise<string> {
  const gdb = await launchGdb(core, inputs.modules, {
    ...{ limits: DEFAULT_GDB_LIMITS, avoided: new Set<string>(), splitDwarf: [], symbolIndexes },
  });
  try {
    const reply = await gdb.session.sendConsole('show index-cache stats');
    return reply.ok ? reply.text : reply.reason;
  } finally {
    gdb.close();
  }
}

test('makeSymbolIndexes() writes down what the C library has, for everybody to read', (t) => {
  const directory = join(madeIndexes(t), 'symbol-indexes');
  const names = readdirSync(directory);
  assert(names.length > 0);
  for (const name of names) {
    assert.match(name, /^[0-9a-f]{40}\.gdb-index$/);
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o644);
  }
});

test('gdb finds the indexes from within its cage, and shows the same with them', async (t) => {
  const crashed = await crashProgram(t, ABORT);
  const indexes = openIndexes(t, madeIndexes(t));
  assert.match(await statistics(crashed, indexes), /Cache hits \(this session\): [1-9]/);
  assert.match(await statistics(crashed, null), /Cache hits \(this session\): 0/);
  const plain = await analyseWithGdb(crashed.inputs);
  const indexed = await analyseWithGdb({ ...crashed.inputs, symbolIndexes: indexes });
  assert.deepEqual(indexed.threads, plain.threads);
  assert(plain.threads[0]?.frames?.some(({ file }) => file?.includes('abort.c')));
  assert.deepEqual(indexed.notes, []);
});

test('openSymbolIndexes() has none where none were made', () => {
  assert.equal(openSymbolIndexes('/nonexistent'), null);
});
