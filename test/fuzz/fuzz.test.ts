import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { randomFrom } from '../random.ts';
import { againCommand } from './again-command.ts';
import { FuzzCases } from './fuzz-case.ts';
import { minimise } from './minimise.ts';
import { mutatePackets } from './mutate-packets.ts';
import { joinPackets, MAX_PACKET_BYTES, packetsIn } from './packets.ts';
import { runFuzz } from './run-fuzz.ts';
import { DEFAULT_TEST_CASES, FUZZ_TARGETS } from './targets.ts';

/** The same in every run: what fails here fails everywhere. `npm run fuzz` takes another one each time. */
const SEED = 20_261_121;
/** Half of the cases are inputs that are cut off. */
const CUTS_SHARE = 0.5;
const RUN_MS = 60_000;

for (const { names, testCases: cases = DEFAULT_TEST_CASES } of FUZZ_TARGETS) {
  for (const name of names) {
    test(`fuzz: ${name} stands inputs that are cut off, damaged and made up`, async () => {
      const run = { seed: SEED, cases, maxCuts: cases * CUTS_SHARE, runMs: RUN_MS };
      const { cases: count, failure } = await runFuzz(name, run);
      if (failure === null) {
        assert.ok(count > 0);
        return;
      }
      const { index, what, input } = failure;
      const again = againCommand(name, run, index);
      assert.fail(`${what}\nagain: ${again}\n${input.toString('base64')}`);
    });
  }
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
  const run = async (command: string) => (await runProgram(command.split(' ').slice(4))).stdout;
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

test('a run that fails by itself, or has no input at all, is a failure, and the other targets still have their turn', async () => {
  const broken = await runProgram(['--seed', '5', '--seconds', '2', 'test-breaks', 'id-map']);
  assert.equal(broken.exitCode, 1);
  assert.match(
    broken.stdout,
    /^test-breaks .*FAILED\n {2}seed 5: Error: the run itself failed, at case \d+: no input can be made$/m,
  );
  assert.match(broken.stdout, /^id-map +\d+ inputs$/m);
  const empty = await runProgram(['--seconds', '0', 'id-map']);
  assert.deepEqual(
    [empty.exitCode, /^id-map .*$/m.exec(empty.stdout)?.[0]],
    [1, 'id-map             0 inputs, FAILED'],
  );
});

test('a run leaves no directories and no open files, also where its target never ends', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const saved = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  t.after(() => {
    if (saved === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = saved;
  });
  const openBefore = readdirSync('/proc/self/fd').length;
  const run = { seed: 1, maxCuts: 10, cases: 100, runMs: 10_000, hangMs: 1_000 };
  for (const name of ['elf-file', 'id-map', 'test-hangs']) await runFuzz(name, run);
  assert.deepEqual(readdirSync(directory), []);
  assert.equal(readdirSync('/proc/self/fd').length, openBefore);
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
    const { failure } = await runFuzz(name, run);
    assert.match(failure?.what ?? '', what);
    assert.ok((failure?.input.length ?? 0) > 0);
  }
});

/** `npm run fuzz`, of which some runs are to fail. */
async function runProgram(args: string[]): Promise<{ exitCode: number | null; stdout: string }> {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args]);
  const closed = once(program, 'close');
  const stdout = await text(program.stdout);
  const [exitCode] = await closed;
  return { exitCode, stdout };
}
