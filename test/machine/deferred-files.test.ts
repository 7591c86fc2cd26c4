import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pendingNames, run, until } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';

/** A program that calls into a library of its own, which crashes. */
const USER = 'int fall(int *where); int main(void) { return fall(0); }\n';
const LIBRARY = 'int fall(int *where) { return *where; }\n';

function build(directory: string): { program: string; library: string } {
  const library = join(directory, 'libfall.so');
  const program = join(directory, 'uses-library');
  const path = join(directory, 'fall.c');
  writeFileSync(path, LIBRARY);
  execFileSync('gcc', ['-g', '-O0', '-shared', '-fPIC', '-o', library, path]);
  writeFileSync(join(directory, 'user.c'), USER);
  execFileSync('gcc', [
    '-g',
    '-O0',
    `-Wl,-rpath,${directory}`,
    '-o',
    program,
    join(directory, 'user.c'),
    library,
  ]);
  return { program, library };
}

test('a deferred crash has its symbols, whatever became of executable and library by then', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const { stateDir } = collecting.directories;
  const first = await run(program);
  await gdb.started(1);
  const deleted = join(stateDir, 'deleted');
  copyFileSync(program, deleted);
  const ofDeleted = await run(deleted);
  const { program: user, library } = build(stateDir);
  const ofReplaced = await run(user);
  // In a mount namespace where another directory lies over ours.
  const hidden = join(stateDir, 'hidden');
  mkdirSync(hidden);
  const script = `mount -t tmpfs none ${hidden} && cp ${program} ${hidden}/app && { ${hidden}/app & echo $!; wait $!; }`;
  const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
  const ofHidden = Number(stdout);
  await until(
    'all are stored',
    () => pendingNames(collecting).filter((name) => name.endsWith('.captured')).length === 4,
  );
  rmSync(deleted);
  rmSync(user);
  copyFileSync(program, `${library}.new`);
  renameSync(`${library}.new`, library);
  gdb.open();
  await collecting.published(first.pid);
  for (const [pid, name, file] of [
    [ofDeleted.pid, 'read_through', 'nested.c'],
    [ofReplaced.pid, 'fall', 'fall.c'],
    [ofHidden, 'read_through', 'nested.c'],
  ] as const) {
    const { record } = await collecting.published(pid);
    const notes = JSON.stringify(record.collection.notes);
    assert.match(notes, /analysed later/);
    assert.doesNotMatch(notes, /symbols were not used|cannot be opened/);
    const [frame] = record.threads?.[0]?.frames ?? [];
    assert.equal(frame?.function, name, notes);
    assert.ok(frame?.file?.endsWith(file), frame?.file ?? 'no file');
  }
});

test('a deferred crash whose executable is gone after a restart of the server says so', async (t) => {
  const { collecting, gdb, program, toldToWait } = await collectingWithGate(t, ['--analyses', '1']);
  const { stateDir } = collecting.directories;
  const first = await run(program);
  await gdb.started(1);
  const deleted = join(stateDir, 'deleted');
  copyFileSync(program, deleted);
  const { pid } = await run(deleted);
  await toldToWait(pid);
  rmSync(deleted);
  await collecting.server.stop('SIGKILL');
  gdb.open();
  await collecting.restart();
  await collecting.published(first.pid);
  const { record, text } = await collecting.published(pid);
  assert.match(text, /the executable cannot be opened any more, so its symbols were not used/);
  assert.ok((record.threads?.[0]?.frames?.length ?? 0) > 0);
});
