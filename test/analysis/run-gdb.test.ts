import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { analyseWithGdb, DEFAULT_GDB_LIMITS } from '../../analysis/run-gdb.ts';
import type { Frame, Thread, Variable } from '../../report/record.ts';
import { type CrashedProgram, crashProgram } from './crash-program.ts';

const NULL_READ = `
#include <stdio.h>
struct item { int a; const char *name; struct item *next; };
static int process_data(struct item *in, int n) { int k = n * 2; char text[32] = "say \\"hi\\\\\\"\\n";
  return in->next->a + k + text[0]; }
static int handle(struct item *s, const char *request) {
  return process_data(s, 5) + 1; }
int main(int argc, char **argv) {
  struct item s = {1, "root", 0};
  return handle(&s, "GET /"); }
`;

const THREADS = `
#define _GNU_SOURCE
#include <pthread.h>
static pthread_barrier_t ready;
static void *work(void *name) { pthread_setname_np(pthread_self(), name); pthread_barrier_wait(&ready);
  pthread_barrier_wait(&ready); return name; }
static int crash(int *at) { return *at; }
int main(void) {
  char *names[] = {"one", "two words", "three\\"3", "four"};
  pthread_t threads[4];
  pthread_barrier_init(&ready, 0, 5);
  for (int i = 0; i < 4; i++) pthread_create(threads + i, 0, work, names[i]);
  pthread_barrier_wait(&ready);
  return crash((int *)8); }
`;

const EXCEPTION = `
#include <map>
#include <stdexcept>
#include <string>
#include <vector>
struct Order { std::string id; std::vector<int> items; std::map<std::string, double> prices; };
double total(const Order &order, std::string label) {
  double sum = 0;
  for (auto &[name, price] : order.prices) sum += price;
  if (order.items.size() > 2) throw std::runtime_error("too many: " + order.id);
  return sum + label.size(); }
int main() { Order order{"A-17", {1, 2, 3}, {{"x", 1.5}, {"y", 2.5}}}; return total(order, "la\\"bel\\n"); }
`;

const INLINED = `
static int *volatile where;
static inline __attribute__((always_inline)) int innermost(int *p, int n) { return p[n] * n; }
static inline __attribute__((always_inline)) int middle(int *p, int n) { return innermost(p, n + 1) + n; }
__attribute__((noinline)) int outer(int n) { return middle(where, n) * 2; }
int main(int argc, char **argv) { return outer(argc) + 1; }
`;

const RECURSION = `
int recurse(int n) { volatile char room[2000]; room[0] = n; return recurse(n + 1) + room[0]; }
int main(void) { return recurse(0); }
`;

const HANDLER = `
#include <signal.h>
#include <stdlib.h>
static void on_signal(int number) { abort(); }
int main(void) { signal(SIGSEGV, on_signal); *(volatile int *)0 = 1; }
`;

/** What gdb prints as text for the same core: thread id -> its frames' lines. */
function textFrames({ executable, corePath }: CrashedProgram): Map<number, string[]> {
  const settings = ['set width 0', 'set print frame-arguments all', 'thread apply all bt'];
  const commands = settings.flatMap((command) => ['-ex', command]);
  const text = execFileSync('gdb', ['-nx', '-batch', ...commands, executable, corePath], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const threads = new Map<number, string[]>();
  for (const block of text.split(/^Thread (?=\d+ )/m).slice(1)) {
    const tid = Number(/LWP (\d+)/.exec(block)?.[1]);
    const frames = [...block.matchAll(/^#\d+ .*$/gm)].map(([line]) => line.replace(/ from .*$/, ''));
    threads.set(tid, frames);
  }
  return threads;
}

/** gdb's text for a frame of ours; whether it shows the pc depends on things that MI does not say. */
function render(frame: Frame, hasPc: boolean): string {
  const level = `${`#${frame.level}`.padEnd(3)} `;
  if (frame.signalHandler) return `${level}${frame.function}`;
  const pc = hasPc ? `0x${frame.pc} in ` : '';
  const place = frame.file === null ? '' : ` at ${frame.file}:${frame.line}`;
  return `${level}${pc}${frame.function ?? '??'} (${renderArguments(frame.arguments ?? [])})${place}`;
}

function renderArguments(variables: readonly Variable[]): string {
  const parts: string[] = [];
  for (const [index, { name, value }] of variables.entries()) {
    if (name.endsWith('@entry') && variables[index - 1]?.name === name.replace('@entry', '')) continue;
    const entry = variables[index + 1];
    const isSame = entry?.name === `${name}@entry` && entry.value === value;
    parts.push(isSame ? `${name}=${entry.name}=${value}` : `${name}=${value}`);
    if (entry?.name === `${name}@entry` && !isSame) parts.push(`${entry.name}=${entry.value}`);
  }
  return parts.join(', ');
}

function assertSameFrames(threads: readonly Thread[], crashed: CrashedProgram): void {
  const expected = textFrames(crashed);
  assert.equal(threads.length, expected.size);
  for (const thread of threads) {
    const lines = expected.get(thread.tid) ?? [];
    const ours = (thread.frames ?? []).map((frame, index) =>
      render(frame, /^#\d+ +0x/.test(lines[index] ?? '')),
    );
    assert.deepEqual(ours, lines);
  }
}

function crashedFrames(threads: readonly Thread[]): Frame[] {
  return threads.find(({ crashed }) => crashed)?.frames ?? [];
}

function functions(threads: readonly Thread[]): (string | null)[] {
  return crashedFrames(threads).map((frame) => frame.function);
}

function assertNothingLeft(t: TestContext): void {
  const before = new Set(readdirSync(tmpdir()).filter((name) => name.startsWith('usercrash-sysroot-')));
  const descriptors = readdirSync('/proc/self/fd').length;
  t.after(() => {
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('usercrash-sysroot-'));
    // Other test files run at the same time and make theirs.
    assert(after.filter((name) => !before.has(name)).length <= 1);
    assert(readdirSync('/proc/self/fd').length <= descriptors + 8);
  });
}

test('analyseWithGdb() makes every section for a C program with debug information', async (t) => {
  assertNothingLeft(t);
  const crashed = await crashProgram(t, NULL_READ);
  const sections = await analyseWithGdb(crashed.inputs);
  crashed.inputs.sourceFiles.close();
  assert.deepEqual(sections.missing, {});
  assert.deepEqual(sections.notes, []);
  assertSameFrames(sections.threads, crashed);
  const [innermost] = crashedFrames(sections.threads);
  assert.equal(innermost?.module, crashed.executable);
  assert.deepEqual(innermost?.locals, [
    { name: 'k', value: '10' },
    { name: 'text', value: `"say \\"hi\\\\\\"\\n", '\\000' <repeats 21 times>` },
  ]);
  const offset = innermost?.moduleOffset ?? '';
  const line = execFileSync('addr2line', ['-e', crashed.executable, offset], { encoding: 'utf8' });
  assert.match(line, /program\.c:5\b/);
  assert.equal(sections.source?.lines.find(({ current }) => current)?.number, 5);
  assert.equal(sections.source?.lines.length, 10);
  assert.equal(sections.code?.filter(({ current }) => current).length, 1);
  assert.equal(sections.code?.find(({ current }) => current)?.address, sections.threads[0]?.pc);
  assert.equal(sections.code?.length, 17);
  assert.equal(sections.stack?.length, 64);
  assert(sections.stack?.some(({ note }) => note?.startsWith('handle+')));
  const stackPointer = sections.memory?.find(({ label }) => label.includes('rsp'));
  assert.equal(stackPointer?.hex.length, 128);
  assert.match(sections.gdb.version ?? '', /^GNU gdb /);
});

test('analyseWithGdb() names what a stripped program still tells', async (t) => {
  const crashed = await crashProgram(t, NULL_READ, { flags: ['-O1', '-s'] });
  const sections = await analyseWithGdb(crashed.inputs);
  assertSameFrames(sections.threads, crashed);
  assert.match(sections.missing['source'] ?? '', /has no debug symbols$/);
  assert(sections.code !== null && sections.stack !== null && sections.memory !== null);
});

test('analyseWithGdb() shows C++ values by the printers of libstdc++', async (t) => {
  const crashed = await crashProgram(t, EXCEPTION, { language: 'c++' });
  const sections = await analyseWithGdb(crashed.inputs);
  assert.deepEqual(sections.missing, {});
  assertSameFrames(sections.threads, crashed);
  const frames = crashedFrames(sections.threads);
  const total = frames.find((frame) => frame.function?.startsWith('total'));
  assert.equal(total?.arguments?.find(({ name }) => name === 'label')?.value, '"la\\"bel\\n"');
  assert.match(
    total?.arguments?.[0]?.value ?? '',
    /std::map with 2 elements = \{\["x"\] = 1\.5, \["y"\] = 2\.5\}/,
  );
  assert.equal(
    sections.source?.lines
      .find(({ current }) => current)
      ?.text.trim()
      .startsWith('if (order'),
    true,
  );
});

test('analyseWithGdb() reads every thread as gdb prints it', async (t) => {
  const crashed = await crashProgram(t, THREADS);
  const [first] = crashed.inputs.head.threads;
  const threadNames = new Map([[first?.tid ?? 0, Buffer.from('caf\xe9', 'latin1')]]);
  const sections = await analyseWithGdb({ ...crashed.inputs, threadNames });
  assert.equal(sections.threads.length, 5);
  assertSameFrames(sections.threads, crashed);
  assert.equal(sections.threads[0]?.name, 'caf\\xe9');
});

test("analyseWithGdb() shows inlined functions and the kernel's signal frame", async (t) => {
  const inlined = await crashProgram(t, INLINED, { flags: ['-g', '-O2'] });
  const one = await analyseWithGdb(inlined.inputs);
  assert.deepEqual(functions(one.threads), ['innermost', 'middle', 'outer', 'main']);
  assertSameFrames(one.threads, inlined);
  const handler = await crashProgram(t, HANDLER);
  const two = await analyseWithGdb(handler.inputs);
  assertSameFrames(two.threads, handler);
  const frames = crashedFrames(two.threads);
  assert.equal(frames.filter(({ signalHandler }) => signalHandler).length, 1);
  assert.equal(frames[frames.findIndex(({ signalHandler }) => signalHandler) + 1]?.function, 'main');
});

test('analyseWithGdb() keeps both ends of a recursion and counts the middle', async (t) => {
  const crashed = await crashProgram(t, RECURSION);
  const sections = await analyseWithGdb(crashed.inputs);
  const [thread] = sections.threads;
  assert.deepEqual(sections.notes, []);
  assert.equal(thread?.frames?.length, 256 + 64);
  assert.equal(thread?.omittedAfter, 255);
  assert.equal(thread?.frames?.at(-1)?.function, 'main');
  const lines = textFrames(crashed).get(thread?.tid ?? 0) ?? [];
  assert.equal((thread?.omittedFrames ?? 0) + 320, lines.length);
  assert.equal(render(thread?.frames?.at(-2) ?? assert.fail(), true), lines.at(-2));
});

test('analyseWithGdb() reads programs that are deleted or have hostile names, and runs nothing beside them', async (t) => {
  const path = 'a "b" \'c\'\n;touch x; $(touch y)/pro"gram\n-ex shell';
  const marker = join(mkdtempSync(join(tmpdir(), 'usercrash-test-')), 'ran');
  t.after(() => rmSync(join(marker, '..'), { recursive: true }));
  // It could not leave a trace in its cage: it would end gdb as well.
  const script = `import os\ntry: open('${marker}', 'w')\nfinally: os._exit(7)\n`;
  const section = [
    `asm(".pushsection .debug_gdb_scripts, \\"MS\\",@progbits,1\\n.byte 4\\n.ascii \\"inline\\\\n`,
    `import os; os._exit(7)\\\\n\\"\\n.byte 0\\n.popsection");`,
    `asm(".pushsection .debug_gdb_scripts, \\"MS\\",@progbits,1\\n.byte 1\\n`,
    `.asciz \\"/usr/share/gdb/auto-load/../../../..${marker}.py\\"\\n.popsection");`,
  ].join('');
  writeFileSync(`${marker}.py`, script);
  const crashed = await crashProgram(t, `${section}\n${NULL_READ}`, {
    path,
    prepare: (directory) => {
      writeFileSync(join(directory, '.gdbinit'), `shell touch ${marker}\nquit\n`);
      writeFileSync(join(directory, 'pro"gram\n-ex shell-gdb.py'), script);
      writeFileSync(join(directory, 'pro"gram\n-ex shell-gdb.gdb'), `shell touch ${marker}\nquit\n`);
      mkdirSync(join(directory, 'gdb'));
      for (const name of ['gdb/__init__.py', 'sitecustomize.py', 'libstdcxx.py']) {
        writeFileSync(join(directory, name), script);
      }
    },
  });
  const present = await analyseWithGdb(crashed.inputs);
  unlinkSync(crashed.executable);
  const deleted = await analyseWithGdb(crashed.inputs);
  for (const sections of [present, deleted]) {
    assert.deepEqual(functions(sections.threads), ['process_data', 'handle', 'main']);
    assert.deepEqual(sections.missing, {});
    assert.equal(crashedFrames(sections.threads)[0]?.module, crashed.executable);
  }
  assert.deepEqual(readdirSync(join(marker, '..')), ['ran.py']);
  const planted = readdirSync(crashed.directory).filter((name) => ['x', 'y'].includes(name));
  assert.deepEqual(planted, []);
});

test('analyseWithGdb() finds libraries that were loaded by relative names, also of one file name', async (t) => {
  const names = ['./plug in.so', 'sub/plug.so', '../other/plug.so'];
  const source = `
    #include <dlfcn.h>
    typedef int function(int, int *);
    int main(void) {
      function *first = dlsym(dlopen("${names[0]}", RTLD_NOW), "in_plugin");
      function *second = dlsym(dlopen("${names[1]}", RTLD_NOW), "in_sub");
      return second(1, first(0, dlsym(dlopen("${names[2]}", RTLD_NOW), "in_other"))); }`;
  const sources = [
    'void *in_plugin(int n, void *p) { return p; }',
    'int in_sub(int n, int (*f)(int *)) { return f(0) + n; }',
    'int in_other(int *p) { return *p + 1; }',
  ];
  const crashed = await crashProgram(t, source.replace('int function', 'void *function'), {
    path: join('run', 'program'),
    libraries: names,
    prepare: (directory) => {
      for (const [index, name] of names.entries()) {
        mkdirSync(join(directory, name, '..'), { recursive: true });
        const plugin = join(directory, `plugin-${index}.c`);
        writeFileSync(plugin, sources[index] ?? '');
        execFileSync('gcc', ['-g', '-shared', '-fPIC', '-o', join(directory, name), plugin]);
      }
    },
  });
  const sections = await analyseWithGdb(crashed.inputs);
  assert.deepEqual(sections.notes, []);
  assert.deepEqual(functions(sections.threads), ['in_other', 'in_sub', 'main']);
  assert.equal(crashedFrames(sections.threads)[0]?.line, 1);
});

test('analyseWithGdb() does not use a file whose build-id is not the one in memory', async (t) => {
  const crashed = await crashProgram(t, NULL_READ);
  const modules = crashed.inputs.modules.map((module) =>
    module.isExecutable ? { ...module, buildId: 'ab'.repeat(20) } : module,
  );
  const sections = await analyseWithGdb({ ...crashed.inputs, modules });
  assert.match(sections.notes.join('\n'), /build-id is [0-9a-f]{40}, in memory it was (ab){20}/);
  assert.equal(functions(sections.threads)[0], null);
  assert(sections.stack !== null && sections.memory !== null);
});

test('analyseWithGdb() reads an executable that the user of its cage may not', async (t) => {
  const crashed = await crashProgram(t, NULL_READ, { prepare: () => undefined });
  execFileSync('chmod', ['0711', crashed.executable]);
  const sections = await analyseWithGdb(crashed.inputs);
  assert.deepEqual(functions(sections.threads), ['process_data', 'handle', 'main']);
  assert.deepEqual(sections.notes, []);
});

test('analyseWithGdb() keeps what it has when gdb is missing, hangs, floods, dies or prints nonsense', async (t) => {
  const crashed = await crashProgram(t, NULL_READ);
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  chmodSync(directory, 0o755);
  t.after(() => rmSync(directory, { recursive: true }));
  const fake = (name: string, body: string) => {
    const gdbPath = join(directory, name);
    writeFileSync(gdbPath, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return gdbPath;
  };
  const cases: [string, RegExp][] = [
    [join(directory, 'missing'), /gdb is not installed/],
    [fake('hang', 'sleep 1000 & sleep 1000'), /not (answer within|ended after)|exit code 130/],
    [fake('stubborn', "trap '' INT TERM; while :; do sleep 1000; done"), /not (answer within|ended after)/],
    [fake('flood', 'exec /usr/bin/yes \'~"x"\''), /more than the limit of 1048576 bytes/],
    [fake('line', 'exec tr "\\0" x < /dev/zero'), /limit|line of more/],
    [fake('exit', 'exit 3'), /exit code 3/],
    [fake('killed', "exec python3 -c 'import ctypes; ctypes.string_at(0)'"), /killed by SIGSEGV/],
    [fake('nonsense', 'while read -r line; do echo "hello $line"; echo "7^done"; done'), /out of turn/],
    [
      fake('garbage', 'n=1; while read -r line; do echo "$n^done,x={"; n=$((n+1)); done'),
      /could not be read/,
    ],
  ];
  for (const [gdbPath, expected] of cases) {
    const limits = {
      ...DEFAULT_GDB_LIMITS,
      gdbPath,
      runMs: 1200,
      commandMs: 400,
      outputBytes: 1024 ** 2,
    };
    const started = performance.now();
    const sections = await analyseWithGdb(crashed.inputs, limits);
    assert(performance.now() - started < 5000, gdbPath);
    for (const name of ['backtrace', 'code', 'source'])
      assert.match(sections.missing[name] ?? '', expected, gdbPath);
    assert.equal(sections.threads[0]?.frames, null);
    assert.equal(sections.threads[0]?.crashed, true);
    assert.match(sections.threads[0]?.pc ?? '', /^[0-9a-f]{16}$/);
    assert.equal(sections.stack?.length, 64);
    assert(sections.memory !== null);
  }
  const left = execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' });
  assert(!left.includes(directory), left);
});

test('analyseWithGdb() answers for a core that is cut, empty or none', async (t) => {
  const { inputs } = await crashProgram(t, NULL_READ);
  const whole = inputs.core ?? assert.fail();
  for (const length of [0, 1, 64, 1000, 4096, 20_000]) {
    const sections = await analyseWithGdb({ ...inputs, core: whole.subarray(0, length) });
    assert.equal(sections.threads.length, 1, `cut at ${length}`);
  }
  const none = await analyseWithGdb({ ...inputs, core: null });
  assert.match(none.missing['backtrace'] ?? '', /no core/);
  assert.match(none.missing['stack'] ?? '', /no core/);
});
