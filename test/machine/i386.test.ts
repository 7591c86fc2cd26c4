import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureJournald } from '../journald.ts';
import { assertWhole } from './assert-whole.ts';
import { type Published, run, saveFullCores, startCollecting } from './collecting.ts';
import { framesOfGdb, framesOfRecord } from './gdb-frames.ts';
import { compile, type SOURCES } from './programs.ts';
import { isByResident, residentOf } from './resident-client.ts';

const I386: [what: string, name: keyof typeof SOURCES, flags: string[], signal: string][] = [
  ['C', 'nested', ['-g', '-O0'], 'SIGSEGV'],
  ['optimised C', 'nested', ['-g', '-O2'], 'SIGSEGV'],
  ['static C', 'nested', ['-g', '-static'], 'SIGSEGV'],
  ['a C++ exception', 'exception', ['-g', '-O0'], 'SIGABRT'],
  ['an assert', 'assertion', ['-g', '-O0'], 'SIGABRT'],
  ['threads', 'threads', ['-g', '-O0'], 'SIGABRT'],
];

/** What a report of an i386 program says otherwise than one of x86-64. */
function assertI386({ record, text }: Published): void {
  const { process, registers, threads, stack, memory, code, modules } = record;
  assert.deepEqual([process.architecture, process.addressBits], ['i386', 32]);
  assert.match(text, /^Process .*, i386/m);
  const value = (name: string) => registers?.find((register) => register.name === name)?.value;
  assert.deepEqual([threads?.[0]?.pc, threads?.[0]?.sp], [value('eip'), value('esp')]);
  assert.ok(value('gs_base') !== undefined);
  const addresses = stack?.map(({ address }) => Number.parseInt(address, 16)) ?? [];
  assert.ok(
    addresses.length > 8 && addresses.every((address, at) => address === (addresses[0] ?? 0) + at * 4),
  );
  assert.equal(stack?.[0]?.address, value('esp'));
  assert.ok(memory?.some(({ label }) => label.includes('esp')));
  assert.equal(code?.find(({ current }) => current)?.address, value('eip'));
  for (const { name, buildId } of modules ?? []) assert.match(buildId ?? '', /^[0-9a-f]{40}$/, name);
  // 8 digits are enough everywhere but in what the kernel says: of the process, and in its log of the fault.
  const shown = text.replaceAll(/^== (?:Process|Journal) ==$[\s\S]*?(?=^== )/gm, '');
  assert.doesNotMatch(shown, /\b(0x)?0{8}[0-9a-f]{8}\b/);
}

test('a crash of an i386 program: frames equal those that gdb prints for the full core', async (t) => {
  await ensureJournald(t);
  const collecting = await startCollecting(t);
  const cores = saveFullCores(collecting);
  for (const [what, name, flags, signal] of I386) {
    await t.test(what, async () => {
      const directory = join(collecting.directories.stateDir, name, flags.join(''));
      const program = compile(name, join(directory, name), ['-m32', ...flags]);
      const ended = await run(program);
      assert.equal(ended.signal, signal);
      const published = await collecting.published(ended.pid);
      const expected = framesOfGdb(program, join(cores, `core.${ended.pid}`));
      assert.ok(expected.size > 0 && [...expected.values()].every((frames) => frames.length > 0));
      assert.deepEqual(framesOfRecord(published.record), expected);
      assertWhole(published);
      assertI386(published);
      // The C library lies in the upper half of the addresses.
      const notes = published.record.stack?.map(({ note }) => note) ?? [];
      if (signal === 'SIGABRT') assert.ok(notes.some((note) => /^abort\+\d+$/.test(note ?? '')));
    });
  }
});

test('a crash of an i386 program: the resident client captures it as well', async (t) => {
  await ensureJournald(t);
  const collecting = await startCollecting(t);
  const program = compile('threads', join(collecting.directories.stateDir, 'threads'), ['-m32', '-g']);
  await residentOf(collecting);
  const published = await collecting.published((await run(program)).pid);
  assert.ok(isByResident(published.record.collection.steps), JSON.stringify(published.record.collection));
  assertWhole(published);
  assertI386(published);
  assert.deepEqual(published.record.threads?.map(({ name }) => name).sort(), [
    'the unlucky',
    'threads',
    'worker-0',
    'worker-1',
    'worker-2',
    'worker-4',
  ]);
});
