import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Frame } from '../../report/record.ts';
import { compileCorpus, prepareRun } from '../corpus/compile-corpus.ts';
import { CORPUS } from '../corpus/corpus.ts';
import { type CorpusProgram, nameOf } from '../corpus/corpus-program.ts';
import { type Published, startCollecting } from './collecting.ts';

/** What a developer of the program wants to read first. */
interface Expected {
  /** The line `Where` of the report. */
  where: RegExp;
  signature: string;
  /** Functions of the crashed thread, from the first one of the program's own. */
  functions: string[];
  /** Of the threads, where there are some with names of their own. */
  threadNames?: string[];
  /** Sections that are rightly not there. */
  missing?: string[];
  also?: (published: Published) => void;
}

const LIBRARY_FRAMES = ['compare', 'find_entry', 'main'];

const EXPECTED: Readonly<Record<string, Expected>> = {
  'rust-panic': {
    where: /^Where +panic::Bank::withdraw \(panic\.rs:16\) in \S+\/rust-panic, thread rust-panic$/m,
    signature: 'SIGABRT | core::option::Option::unwrap | panic::Bank::withdraw | panic::main',
    functions: ['panic::Bank::withdraw', 'panic::main'],
    also({ text, record }) {
      assert.match(text, /panic::Bank::withdraw \(self=0x[0-9a-f]+, owner="Grace", amount=10\)/);
      assert.equal(record.source?.lines.find(({ current }) => current)?.number, 16);
    },
  },
  'go-nil-map': {
    where: /^Where +main\.\(\*Inventory\)\.Add \(nil-map\.go:12\) in \S+\/go-nil-map, thread go-nil-map$/m,
    signature: 'SIGABRT | runtime.mapassign_faststr | main.(*Inventory).Add | main.main',
    functions: ['main.(*Inventory).Add', 'main.main'],
    also({ text }) {
      assert.match(text, /^#\d+ +<signal handler called>/m);
    },
  },
  'go-goroutines': {
    where: /^Where +main\.connect \(goroutines\.go:18\) in \S+\/go-goroutines/m,
    signature: 'SIGABRT | main.connect | main.main.func4',
    functions: ['main.connect', 'main.main.func4', 'runtime.goexit'],
    also({ text }) {
      assert.match(text, /main\.connect \(host=0x[0-9a-f]+ "host\.example", port=443\)/);
    },
  },
  exception: {
    where: /^Where +shop::Checkout::total \(exception\.cc:23\) in \S+\/exception/m,
    signature: 'SIGABRT | shop::Checkout::total | main',
    functions: ['shop::Checkout::total', 'main'],
    also({ text }) {
      assert.match(text, /prices = std::map with 3 elements = \{\["bolt"\] = 0\.5, /);
    },
  },
  'structures-stripped': {
    where: /^Where +0x[0-9a-f]{16} in \S+\/structures-stripped\+0x[0-9a-f]+, thread /m,
    signature: '',
    functions: [],
    missing: ['source'],
  },
  'structures-split-dwarf': {
    where: /^Where +fail \(structures\.c:31\) in \S+\/structures-split-dwarf/m,
    signature: 'SIGSEGV | fail | main',
    functions: ['fail', 'fail', 'fail', 'fail', 'fail', 'main'],
    also({ text }) {
      assert.match(text, /why=0x[0-9a-f]+ "because it has to"/);
    },
  },
  'structures-lto': {
    where: /^Where +fail \(structures\.c:31\) in \S+\/structures-lto, /m,
    signature: 'SIGSEGV | fail | main',
    functions: ['fail', 'fail', 'fail', 'fail', 'fail', 'main'],
  },
  'structures-static-pie': {
    where: /^Where +fail \(structures\.c:31\) in \S+\/structures-static-pie, /m,
    signature: 'SIGSEGV | fail | main',
    functions: ['fail', 'fail', 'fail', 'fail', 'fail', 'main'],
  },
  'templates-lto': {
    // The line is that of the string's size(), which has become a part of it.
    where: /^Where +operator\(\) \((?:templates\.cc:22|basic_string\.h:\d+)\) in \S+\/templates-lto, /m,
    signature: 'SIGSEGV | operator() | Table::each | nest',
    functions: ['main'],
  },
  'templates-static-pie': {
    where: /^Where +operator\(\) \(templates\.cc:22\) in \S+\/templates-static-pie, /m,
    signature: 'SIGSEGV | operator() | Table::each | nest',
    functions: ['main'],
    also({ text }) {
      assert.match(text, /^#0 +operator\(\) \(.*number=7, text="inner text that is long enough/m);
    },
  },
  'exception-i386': {
    where: /^Where +shop::Checkout::total \(exception\.cc:23\) in \S+\/exception-i386, /m,
    signature: 'SIGABRT | shop::Checkout::total | main',
    functions: ['shop::Checkout::total', 'main'],
  },
  python: {
    // Debian's has no debug symbols, but names of what it exports.
    where: /^Where +0x[0-9a-f]{16} in \S+\/_ctypes\.[\w-]+\.so\+0x[0-9a-f]+, thread python3$/m,
    signature: '',
    functions: ['ffi_call'],
    missing: ['source'],
    also({ text, record }) {
      assert.match(record.signature?.text ?? '', /^SIGSEGV \| strlen \| _ctypes\.[\w-]+\.so\+0x/);
      const names = functionsOf(record.threads?.[0]?.frames ?? null);
      assert.ok(names.includes('_PyEval_EvalFrameDefault') && names.at(-1) === '_start', names.join());
      assert.match(text, /^Command +\S+python3 \S+\/fault\.py$/m);
    },
  },
  node: {
    where: /^Where +node::\(anonymous namespace\)::DefaultAbortHandler\(.*\) in \S+\/node\+0x[0-9a-f]+, /m,
    signature: '',
    functions: [],
    missing: ['source'],
    also({ record }) {
      assert.match(
        record.signature?.text ?? '',
        /^SIGABRT \| node::\(anonymous namespace\)::DefaultAbortHandler \| node::Abort \| node\+0x/,
      );
      // What V8 has generated has no unwind information: the stack ends there, also in the full core.
      assert.ok((record.threads?.length ?? 0) > 4);
    },
  },
  'replaced-executable': {
    where: /^Where +use \(replaced-executable\.c:7\) in \S+\/replaced-executable, /m,
    signature: 'SIGSEGV | use | main',
    functions: ['use', 'main'],
    also({ record }) {
      assert.equal(record.process.exeDeleted, true);
    },
  },
  'deleted-executable': {
    where: /^Where +use \(deleted-executable\.c:5\) in \S+\/deleted-executable, /m,
    signature: 'SIGSEGV | use | main',
    functions: ['use', 'main'],
    also({ record }) {
      assert.equal(record.process.exeDeleted, true);
    },
  },
  'replaced-library': {
    where: /^Where +compare \(library\.c:13\) in \S+\/liblibrary\.so, /m,
    signature: 'SIGSEGV | compare | find_entry | main',
    functions: LIBRARY_FRAMES,
  },
  plugin: {
    where: /^Where +compare \(library\.c:13\) in \S+\/liblibrary\.so, /m,
    signature: 'SIGSEGV | compare | find_entry | main',
    functions: LIBRARY_FRAMES,
  },
  namespaces: {
    where: /^Where +inside \(namespaces\.c:23\) in \S+\/namespaces, /m,
    signature: 'SIGSEGV | inside | main',
    functions: ['inside', 'main'],
    threadNames: ['inner thread', 'namespaces'],
    also({ text, record }) {
      assert.equal(record.process.namespacePid, 1);
      assert.match(text, /pid \d+ \(1 in its own namespace\)/);
    },
  },
  'threads-300': {
    where: /^Where +main \(threads\.c:\d+\) in \S+\/threads-300, thread threads-300$/m,
    signature: 'SIGABRT | main',
    functions: ['main'],
    threadNames: [...Array.from({ length: 300 }, (_, number) => `worker ${number}`), 'threads-300'].sort(),
    also({ record }) {
      for (const { crashed, frames } of record.threads ?? []) {
        if (!crashed) assert.deepEqual(functionsOf(frames).slice(1, 3), ['wait_here', 'work']);
      }
    },
  },
  'stack-overflow': {
    where: /^Where +deeper \(stack-overflow\.c:\d\) in \S+\/stack-overflow, /m,
    signature: 'SIGSEGV | deeper | begin | main',
    functions: [...Array.from({ length: 318 }, () => 'deeper'), 'begin', 'main'],
    also: assertDepth('depth', 1),
  },
  'stack-overflow-large': {
    where: /^Where +walk \(stack-overflow-large\.c:\d\) in /m,
    signature: 'SIGSEGV | walk | main',
    functions: [...Array.from({ length: 319 }, () => 'walk'), 'main'],
    also: assertDepth('depth', 1),
  },
  'stack-overflow-thread': {
    where: /^Where +(?:odd|even) \(stack-overflow-thread\.c:\d+\) in /m,
    signature: '',
    functions: [],
    also: assertDepth('depth', 1),
  },
  'deep-recursion': {
    where: /^Where +descend \(deep-recursion\.c:12\) in /m,
    signature: 'SIGABRT | descend | start | main',
    functions: ['descend'],
    also({ record }) {
      // 3,001 frames of the recursion, and what is above and below it.
      const levels = record.threads?.[0]?.frames?.map(({ level, function: name }) => [name, level]) ?? [];
      const first = levels.find(([name]) => name === 'descend')?.[1];
      assert.deepEqual(levels.at(-2), ['start', Number(first) + 3001]);
    },
  },
  'deep-mixed': {
    where: /^Where +fail \(deep-mixed\.c:8\) in /m,
    signature: 'SIGABRT | fail | even | odd',
    functions: ['fail', 'even', 'odd'],
    also: assertDepth('left', 5, -1),
  },
  'deep-mixed-i386': {
    where: /^Where +fail \(deep-mixed\.c:8\) in /m,
    signature: 'SIGABRT | fail | even | odd',
    functions: ['fail', 'even', 'odd'],
    also: assertDepth('left', 5, -1),
  },
  'handler-heap-stack': {
    where: /^Where +on_overflow \(handler-heap-stack\.c:9\) in /m,
    signature: 'SIGABRT | on_overflow | deeper | main',
    functions: ['on_overflow'],
    also: assertDepth('depth', 10),
  },
  'deep-exception': {
    where: /^Where +Visitor::visit \(deep-exception\.cc:14\) in /m,
    signature: '',
    functions: ['Visitor::visit'],
    also: assertDepth('depth', 12, 2),
  },
  'go-deep-panic': {
    where: /^Where +main\.descend \(deep-panic\.go:12\) in /m,
    signature: '',
    functions: ['main.descend'],
    also({ text, record }) {
      // 5,001 calls on a goroutine's stack, of which nobody tells the end.
      const frames = record.threads?.find((thread) => thread.crashed)?.frames ?? [];
      assert.equal(frames.length, 320);
      const levels = frames.map(({ level, function: name }) => [name, level]);
      const first = levels.find(([name]) => name === 'main.descend')?.[1];
      assert.equal(levels.find(([name]) => name === 'main.main')?.[1], Number(first) + 5001);
      assert.match(text, /… 4\d{3} frames left out …/);
    },
  },
  'rust-overflow': {
    // Wherever the stack ended: in it, in what it calls of Rust's library, or in malloc below that.
    where: /^Where +overflow::depth \(overflow\.rs:\d\) in /m,
    signature: '',
    functions: [],
    also: assertDepth('level', 40),
  },
};

/**
 * Each program counts its calls itself, in an argument: what the report says must be exact.
 *
 * @param from Among the innermost frames, from which on the argument is there.
 * @param step Frames for each call that is counted; negative where the argument becomes smaller from call to call.
 */
function assertDepth(argument: string, from: number, step = 1): (published: Published) => void {
  return ({ text, record }) => {
    const frames = record.threads?.find((thread) => thread.crashed)?.frames ?? [];
    assert.deepEqual([frames.length, frames[255]?.level], [320, 255]);
    const counted = frames.flatMap(({ level, arguments: given }) => {
      const value = given?.find(({ name }) => name === argument)?.value;
      return level < from || value == null ? [] : [level + step * Number(value)];
    });
    // All that are shown, but for what lies above and below the recursion.
    assert.ok(counted.length > 300 / Math.abs(step) - from, `${counted.length} frames`);
    assert.deepEqual([...new Set(counted)].length, 1, String([...new Set(counted)]));
    assert.match(text, /… \d{3,5} frames left out …/);
  };
}

/** `CORPUS=name,name` runs those alone; with SHOW their reports are printed. */
test('reports of the corpus tell what a developer wants to know first', async (t) => {
  const collecting = await startCollecting(t);
  const names = process.env['CORPUS']?.split(',') ?? Object.keys(EXPECTED);
  const wanted = CORPUS.filter((program) => names.includes(nameOf(program)));
  assert.equal(wanted.length, names.length);
  const compiled = await compileCorpus(join(collecting.directories.stateDir, 'corpus'), wanted);
  for (const one of compiled) {
    const name = nameOf(one.program);
    const expected = EXPECTED[name];
    if (expected === undefined) continue;
    await t.test(name, async () => {
      const cwd = join(one.directory, 'run');
      const { command, args } = prepareRun(one, cwd);
      const pid = await runToDeath(one.program, { command, args, cwd });
      const published = await collecting.published(pid);
      const { text, record } = published;
      if (process.env['SHOW'] !== undefined) console.log(text);
      // Long lines of the head go on below.
      assert.match(text.replaceAll(/,\n {11}(?=\S)/g, ', '), expected.where);
      const crashed = record.threads?.find((thread) => thread.crashed);
      const functions = functionsOf(crashed?.frames ?? null);
      const first = functions.indexOf(expected.functions[0] ?? '');
      // A stack may end in what the program calls: then as many frames of its own are not shown at the inner end.
      const shown = functions.length - first;
      const wanted = expected.functions.slice(Math.max(0, expected.functions.length - shown));
      assert.deepEqual(functions.slice(first).slice(0, wanted.length), wanted);
      if (expected.signature !== '') assert.equal(record.signature?.text, expected.signature);
      if (expected.threadNames !== undefined) {
        assert.deepEqual(record.threads?.map((thread) => thread.name).sort(), expected.threadNames);
      }
      const missing = Object.keys(record.missing).filter((section) => section !== 'journal');
      assert.deepEqual(missing, expected.missing ?? [], JSON.stringify(record.missing));
      expected.also?.(published);
    });
  }
});

function functionsOf(frames: readonly Frame[] | null): string[] {
  return (frames ?? []).map((frame) => frame.function ?? '??');
}

/** @returns The pid of what died. */
async function runToDeath(
  { isChild = false, env }: CorpusProgram,
  { command, args, cwd }: { command: string; args: string[]; cwd: string },
): Promise<number> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', isChild ? 'pipe' : 'ignore', 'ignore'],
  });
  let printed = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    printed += bytes;
  });
  await once(child, 'close');
  return isChild ? Number(printed) : (child.pid ?? 0);
}
