import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { CrashPlace } from '../capture/crash-held.ts';
import { compileCorpus } from './compile-corpus.ts';
import { CORPUS } from './corpus.ts';
import { type CorpusProgram, nameOf } from './corpus-program.ts';
import { type CorpusResult, crashCorpusProgram, HEAD, rowOf } from './crash-corpus-program.ts';
import { differenceRows } from './difference-rows.ts';
import { inParallel } from './in-parallel.ts';
import { textTable } from './text-table.ts';
import { unexplained } from './unexplained.ts';

/** A gdb of each: what a machine with two processors does at once. */
const AT_ONCE = 2;

/** `CORPUS=name,name` runs those alone. */
const NAMES = process.env['CORPUS']?.split(',');
const programs = CORPUS.filter((program) => NAMES === undefined || NAMES.includes(nameOf(program)));

test('corpus', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-corpus-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const compiled = await compileCorpus(directory, programs);
  const place = await CrashPlace.take(t);
  const results: CorpusResult[] = [];
  const failures = new Map<CorpusProgram, unknown>();
  await inParallel(compiled, AT_ONCE, async (one) => {
    try {
      results.push(await crashCorpusProgram(place, one));
    } catch (error) {
      failures.set(one.program, error);
    }
  });
  const inOrder = programs.flatMap((program) => results.find((result) => result.program === program) ?? []);
  console.log(textTable([HEAD, ...inOrder.map(rowOf)]));
  console.log(textTable(differenceRows(inOrder)));

  for (const program of programs) {
    await t.test(nameOf(program), () => {
      const failure = failures.get(program);
      if (failure !== undefined) throw failure;
      const result = results.find((candidate) => candidate.program === program);
      assert.ok(result !== undefined);
      const { facts, smallBytes, comparison } = result;
      assert.equal(facts.signal?.number, constants.signals[program.signal]);
      assert.deepEqual(unexplained(comparison.differences, program.explained ?? []), []);
      assert.ok(comparison.frames > 0);
      assert.ok(smallBytes <= (program.mostBytes ?? Number.POSITIVE_INFINITY), `${smallBytes} bytes`);
    });
  }

  await t.test('a crash has the same quick key in every run', () => {
    const several = results.filter(({ keys }) => new Set(keys).size > 1);
    assert.deepEqual(
      several.map(({ program, keys }) => `${nameOf(program)} ${keys.join('\n')}`),
      [],
    );
  });

  await t.test('no two programs have the same quick key', () => {
    const owners = new Map<string, string>();
    for (const { program, facts } of results) {
      const key = facts.quickKey;
      assert.match(key, /^[0-9a-f]{16}$/);
      assert.equal(owners.get(key), undefined, `${nameOf(program)} has the key of ${owners.get(key)}`);
      owners.set(key, nameOf(program));
    }
  });
});

test('corpus: a small core that is too small is found out', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-corpus-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const wanted = CORPUS.filter((program) =>
    ['structures', 'threads-10', 'containers'].includes(nameOf(program)),
  );
  const compiled = await compileCorpus(directory, wanted);
  const place = await CrashPlace.take(t, 48 * 1024);
  for (const one of compiled) {
    const { comparison, program } = await crashCorpusProgram(place, one);
    assert.ok(unexplained(comparison.differences, program.explained ?? []).length > 0, nameOf(program));
  }
});

test('corpus: an explanation is for one variable of one frame of one thread, and for what it shows', () => {
  const known = { thread: 1, level: 2, function: 'main', what: 'argc' };
  const differs = { ...known, small: '<optimized out>', full: '1' };
  const entry = { ...known, shows: /^<optimized out>$/, why: 'nobody knows' };
  assert.deepEqual(unexplained([differs], [entry]), []);
  assert.deepEqual(unexplained([], [entry]), ['thread 1 #2 main argc no longer differs so: nobody knows']);
  const others = [{ thread: 2 }, { level: 3 }, { function: 'start' }, { what: 'argv' }, { small: '2' }];
  for (const other of others) {
    assert.equal(unexplained([differs, { ...differs, ...other }], [entry]).length, 1, JSON.stringify(other));
  }
});

test('corpus: all differences of a thread are judged, not only those that are told', () => {
  const many = Array.from({ length: 1000 }, (_, level) => ({
    ...{ thread: 1, level, function: 'deeper', what: 'frame', small: 'no frame', full: 'deeper ()' },
  }));
  const explained = many
    .slice(0, 999)
    .map((difference) => ({ ...difference, shows: /^no frame$/, why: 'cut off' }));
  assert.equal(unexplained(many, explained).length, 1);
  assert.match(unexplained(many, []).at(-1) ?? '', /^and 960 more$/);
});
