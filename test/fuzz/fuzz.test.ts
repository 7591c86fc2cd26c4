import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { randomFrom } from '../random.ts';
import { againCommand } from './again-command.ts';
import { FuzzCases } from './fuzz-case.ts';
import { DEFAULT_TEST_CASES } from './fuzz-target.ts';
import { minimise } from './minimise.ts';
import { mutatePackets } from './mutate-packets.ts';
import { joinPackets, MAX_PACKET_BYTES, packetsIn } from './packets.ts';
import { runFuzz } from './run-fuzz.ts';
import { FUZZ_TARGETS } from './targets.ts';

/** The same in every run: what fails here fails everywhere. `npm run fuzz` takes another one each time. */
const SEED = 20_261_121;
/** Half of the cases are inputs that are cut off. */
const CUTS_SHARE = 0.5;
const RUN_MS = 60_000;

// What the targets made when they were loaded, here as in every worker.
after(async () => {
  for (const { close } of FUZZ_TARGETS) await close?.();
});

for (const target of FUZZ_TARGETS) {
  test(`fuzz: ${target.name} stands inputs that are cut off, damaged and made up`, async () => {
    const cases = target.testCases ?? DEFAULT_TEST_CASES;
    const run = { seed: SEED, cases, maxCuts: cases * CUTS_SHARE, runMs: RUN_MS };
    const { failure } = await runFuzz(target, run);
    if (failure === null) return;
    const { index, what, input } = failure;
    const again = againCommand(target.name, run, index);
    assert.fail(`${what}\nagain: ${again}\n${input.toString('base64')}`);
  });
}

test('FuzzCases makes the same input again, and cuts each input at every length', () => {
  const corpus = [Buffer.from('first input'), Buffer.from('second')];
  const one = new FuzzCases(corpus, 7);
  const same = new FuzzCases(corpus, 7);
  const other = new FuzzCases(corpus, 8);
  const cut = new Set<string>();
  let differences = 0;
  for (let index = 0; index < 200; index += 1) {
    const input = one.input(index);
    assert.ok(input.equals(same.input(index)));
    if (!input.equals(other.input(index))) differences += 1;
    if (index % 2 === 0) cut.add(input.toString('latin1'));
    if (index < corpus.length) assert.ok(corpus[index]?.equals(input), 'first those of the corpus');
  }
  assert.ok(differences > 50, `${differences} of 200 differ`);
  for (const whole of corpus) {
    for (let length = 0; length <= whole.length; length += 1) {
      assert.ok(cut.has(whole.toString('latin1', 0, length)));
    }
  }
});

test('FuzzCases has cases of its own for every seed, also where seeds differ in their highest bits alone', () => {
  const corpus = [randomBytes(2000)];
  const seen = new Set<string>();
  const seeds = [1, 2, 2 ** 31 + 1, 2 ** 32 + 1, 2 ** 47 + 1];
  const odd = Array.from({ length: 500 }, (_, index) => 2 * index + 1);
  for (const seed of seeds) {
    const cases = new FuzzCases(corpus, seed, { maxCuts: 1 });
    for (const index of odd) seen.add(cases.input(index).toString('latin1'));
  }
  // The same one flipped bit, or cut, is found twice now and then.
  assert.ok(seen.size > seeds.length * odd.length * 0.98, `${seen.size} different ones`);
});

test('mutatePackets() cuts off what has grown longer than a length can say', () => {
  const longest = joinPackets([Buffer.alloc(MAX_PACKET_BYTES, 'x')]);
  for (let index = 0; index < 300; index += 1) {
    const changed = mutatePackets(longest, randomFrom(1, index), [longest]);
    assert.ok(packetsIn(changed).every(({ length }) => length <= MAX_PACKET_BYTES));
  }
});

test('the line that a failure prints makes the same failure again', async () => {
  const run = async (command: string) => {
    const [, , , , ...args] = command.split(' ');
    // It fails: that is what it is for.
    return await new Promise<string>((resolve) => {
      execFile(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], (_, stdout) =>
        resolve(stdout),
      );
    });
  };
  for (const cuts of ['', ' --cuts 7']) {
    const first = await run(`npm run fuzz -- --seed 281474976710001${cuts} test-throws`);
    const again = /^ {2}again: (.*)$/m.exec(first)?.[1] ?? '';
    assert.match(
      again,
      new RegExp(`^npm run fuzz -- --seed 281474976710001${cuts} --case \\d+ test-throws$`),
    );
    const second = await run(again);
    const told = (output: string) => /^ {2}again: .*\n.*\n.*\n/m.exec(output)?.[0];
    assert.match(second, /FAILED/);
    assert.equal(told(second), told(first));
  }
});

test('minimise() leaves of an input what makes it wrong', async () => {
  const input = Buffer.from('some bytes, then a ( and a ) that are wrong together');
  const smallest = await minimise(input, async (smaller) => /\(.*\)/.test(smaller.toString()));
  assert.equal(smallest.toString(), '()');
});

test('runFuzz() tells of an error, of a loop without end and of much memory', async () => {
  const run = { seed: 1, maxCuts: 10, cases: 100, runMs: 10_000, hangMs: 1_000 };
  for (const [name, what] of [
    ['test-throws', /on purpose/],
    ['test-hangs', /has not ended after 1000 ms/],
    ['test-grows', /took \d+ bytes, over the limit/],
  ] as const) {
    const { failure } = await runFuzz({ name, corpus: 'text', check: () => undefined }, run);
    assert.match(failure?.what ?? '', what);
    assert.ok((failure?.input.length ?? 0) > 0);
  }
});
