import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { findTarget } from '../../debugger/find-target.ts';
import { main } from '../../debugger/main.ts';
import { stateOf, until } from './live-program.ts';
import { runDebugger } from './run-debugger.ts';

/** One line on stderr, and nothing on stdout. */
async function refusal(t: test.TestContext, args: readonly (string | number)[]) {
  const { exitCode, stdout, stderr } = await runDebugger(t, args);
  assert.equal(stdout, '');
  assert.match(stderr, /^[^\n]+\n$/);
  return { exitCode, line: stderr.trimEnd() };
}

/** A child of this process that lives as long as the test. */
async function child(t: test.TestContext, script: string) {
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => shell.kill('SIGKILL'));
  const [text] = await once(shell.stdout, 'data');
  return { pid: shell.pid ?? 0, text: String(text).trim() };
}

test('debugger refuses a process that is gone', async (t) => {
  const ended = spawn('true');
  await once(ended, 'exit');
  const { exitCode, line } = await refusal(t, [ended.pid ?? 0]);
  assert.equal(exitCode, 1);
  assert.equal(line, `debugger: Process ${ended.pid} does not exist, or has just ended. Try: pgrep -a NAME`);
});

test('debugger refuses ids that no process can have like one of a process that is gone', async (t) => {
  for (const id of ['0', '4194304', '99999999999999999999']) {
    const { exitCode, line } = await refusal(t, [id]);
    assert.equal(exitCode, 1);
    assert.equal(line, 'debugger: No process has that id: they go from 1 to 4194303. Try: pgrep -a NAME');
  }
});

test('debugger refuses a zombie, and names its parent', async (t) => {
  // It ends when its parent is no shell any more, which would ask for its exit code.
  const ending = 'sh -c "until grep -q cat /proc/$$/comm; do :; done; exit 3"';
  const { pid, text } = await child(t, `${ending} & echo $!; exec cat`);
  const zombie = Number(text);
  await until('it ends', () => stateOf(zombie).startsWith('Z'));
  const { exitCode, line } = await refusal(t, [zombie]);
  assert.equal(exitCode, 1);
  assert.match(
    line,
    new RegExp(
      `^debugger: Process ${zombie} \\(sh\\) has ended and is a zombie: its parent ${pid} \\(\\w+\\) has not asked for its exit code\\. Try: debugger ${pid}$`,
    ),
  );
});

test('debugger refuses one that is traced already, and says by whom', async (t) => {
  const { pid } = await child(t, 'echo ready; exec cat');
  const tracer = spawn('gdb', ['-nx', '-q', '-p', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  t.after(() => tracer.kill('SIGKILL'));
  await until('it is traced', () => stateOf(pid).endsWith(` ${tracer.pid}`));
  const { exitCode, line } = await refusal(t, [pid]);
  assert.equal(exitCode, 1);
  assert.equal(
    line,
    `debugger: Process ${pid} is traced already, by process ${tracer.pid} (gdb). Try: end that one first: a process can have one tracer at a time`,
  );
});

test('debugger refuses process 1 and a thread of the kernel', async (t) => {
  const init = await refusal(t, [1]);
  assert.equal(init.exitCode, 1);
  assert.match(
    init.line,
    /^debugger: Process 1 is not stopped, because the whole machine depends on it\. Try: /,
  );
  const kernel = await refusal(t, [2]);
  assert.equal(kernel.exitCode, 1);
  assert.match(
    kernel.line,
    /^debugger: 2 is a thread of the kernel \(kthreadd\), no program\. Try: cat \/proc\/2\/stack$/,
  );
});

test('findTarget() refuses the debugger itself, by any of its threads', () => {
  const threads = readdirSync('/proc/self/task').map(Number);
  assert.ok(threads.length > 1);
  for (const id of [process.pid, ...threads]) {
    assert.throws(() => findTarget(id, process.pid), {
      code: 'E_TARGET_SELF',
      message: `Process ${id} is this debugger`,
    });
  }
});

test('debugger says who may, where a process belongs to somebody else', async (t) => {
  const { pid } = await child(t, 'echo ready; exec cat');
  // The program as nobody: Node's own files and ours may be where nobody else can read, so only the user changes.
  const lines: string[] = [];
  const saved = process.geteuid?.() ?? 0;
  assert.equal(saved, 0, 'run as root');
  const { Writable } = await import('node:stream');
  const collect = (into: string[]) =>
    new Writable({
      write: (chunk, _encoding, done) => {
        into.push(String(chunk));
        done();
      },
    });
  const stdout: string[] = [];
  process.seteuid?.(65534);
  try {
    const exitCode = await main([String(pid)], {
      env: {},
      stdin: process.stdin,
      stdout: collect(stdout),
      stderr: collect(lines),
      now: Date.now,
      pid: process.pid,
      isRoot: false,
      interrupted: new AbortController().signal,
    });
    assert.equal(exitCode, 1);
  } finally {
    process.seteuid?.(saved);
  }
  assert.deepEqual(stdout, []);
  assert.deepEqual(lines, [
    `debugger: Process ${pid} (cat, uid 0) may not be traced without root. Try: sudo debugger ${pid}\n`,
  ]);
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^TracerPid:\t0$/m);
});

test('debugger wants a number, sections that exist, and options that go together: exit code 2', async (t) => {
  const cases: [string[], RegExp][] = [
    [[], /a process id, or --core FILE; see --help/],
    [['app'], /'app' is invalid .*A process id is a number from 1 to 4194303; pidof NAME tells it\./],
    [['12x'], /A process id is a number from 1 to/],
    [['1.5'], /A process id is a number from 1 to/],
    [['1', '2'], /too many arguments/],
    [['1', '--core', 'core'], /a process id and --core exclude each other/],
    [['1', '--exe', 'app'], /--exe and --sysroot belong to --core/],
    [['--core', ''], /--core, --exe and --sysroot want a path, and one is empty/],
    [['--core', 'core', '--exe', ''], /want a path, and one is empty/],
    [['1', '--sections', 'threads,nothing'], /There is no section 'nothing'; there are backtrace, threads, /],
    [['1', '--nothing'], /unknown option '--nothing'/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, line } = await refusal(t, args);
    assert.equal(exitCode, 2, line);
    assert.match(line, message);
  }
});

test('debugger --help has three examples, on stdout', async (t) => {
  const { exitCode, stdout, stderr } = await runDebugger(t, ['--help']);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.equal(stdout.split('Examples:')[1]?.match(/^ {2}.*debugger (\d|--core)/gm)?.length ?? 0, 3);
});
