import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { pipeLimit } from '../../server/pipe-limit.ts';
import { askCrashlogctl } from '../install/ask-crashlogctl.ts';
import { type Collecting, run, startCollecting, until } from './collecting.ts';
import { framesOfGdb, framesOfRecord } from './gdb-frames.ts';
import { compile } from './programs.ts';
import { residentOf } from './resident-client.ts';

interface Handler {
  /** What a core_pattern without us holds. */
  pattern: string;
  directory: string;
}

/**
 * A handler that keeps its arguments, its environment and the core; SPECIFIERS are what it asks the kernel for.
 *
 * @param waits Whether it first waits for a file `go` in its directory.
 */
function handler(t: TestContext, specifiers: string, waits = false): Handler {
  const directory = mkdtempSync(join(tmpdir(), 'u-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, 'h');
  const script = `#!/bin/sh
n=$(date +%s%N)
printf '%s\\0' "$@" > ${directory}/args.$1
/usr/bin/env > ${directory}/env.$1
ls /proc/$$/fd > ${directory}/fds.$1
${waits ? `while [ ! -e ${directory}/go ] && [ -e ${directory} ]; do sleep 0.01; done` : ''}
cat > ${directory}/core.$1.new && mv ${directory}/core.$1.new ${directory}/core.$1
`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return { pattern: `|${program} %P ${specifiers}`, directory };
}

/** A collector that found the handler's pattern in force. */
async function besides(t: TestContext, { pattern }: Handler, args: string[] = []): Promise<Collecting> {
  // The lock is taken and core_pattern put back by startCollecting(); the second start finds the handler.
  const collecting = await startCollecting(t, args);
  await collecting.server.stop();
  writeCoreSysctls({ ...readCoreSysctls(), corePattern: pattern });
  await (await collecting.restart()).logged(' collecting ');
  return collecting;
}

async function coreOf({ directory }: Handler, pid: number): Promise<string> {
  const core = join(directory, `core.${pid}`);
  await until(`the handler's core of ${pid}`, () => existsSync(core));
  return core;
}

/** Its arguments as the kernel expands them, taken from a crash without us. */
async function argumentsOf({ directory }: Handler, pid: number): Promise<string[]> {
  return readFileSync(join(directory, `args.${pid}`), 'latin1').split('\0');
}

test('default handler: gets its words as the kernel expands them, and the whole core', async (t) => {
  const own = handler(t, 'x=%s%%,%e literal %d %u');
  const collecting = await besides(t, own);
  const program = compile('nested', join(collecting.directories.stateDir, 'a name'));
  const ended = await run(program);
  const { record } = await collecting.published(ended.pid);
  const core = await coreOf(own, ended.pid);
  assert.deepEqual(await argumentsOf(own, ended.pid), [
    `${ended.pid}`,
    'x=11%,a name',
    'literal',
    '1',
    '0',
    '',
  ]);
  assert.equal(readFileSync(join(own.directory, `fds.${ended.pid}`), 'latin1').split('\n')[0], '0');
  // The core is whole: gdb finds in it what we found in the small one.
  assert.deepEqual(framesOfRecord(record), framesOfGdb(program, core));
  assert.equal(record.process.uid, 0);
  assert.equal(record.process.namespacePid, ended.pid);
  assert.equal(record.collection.mode, 'pipe');
  assert.equal(await collecting.server.stop(), 0);
  assert.equal(readCoreSysctls().corePattern, own.pattern);
});

test('default handler: gets the same bytes whether we are there or not', async (t) => {
  const own = handler(t, '%s');
  const collecting = await besides(t, own);
  // The kernel writes the same head whatever reads it; what differs between two runs are addresses, so sizes are compared.
  const program = compile('threads', join(collecting.directories.stateDir, 'threads'), [
    '-g',
    '-no-pie',
    '-static',
  ]);
  const sizes: number[] = [];
  const crash = async () => {
    const ended = await run('setarch', ['-R', program]);
    const core = await coreOf(own, ended.pid);
    sizes.push(readFileSync(core).length);
    assert.ok(readFileSync(core).subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1')));
  };
  await crash();
  writeCoreSysctls({ ...readCoreSysctls(), corePattern: own.pattern });
  await crash();
  assert.equal(sizes[0], sizes[1]);
});

test('default handler: gets its core also where our client cannot be started, dies, or hangs', async (t) => {
  const own = handler(t, '%s');
  const collecting = await besides(t, own);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const { runDir } = collecting.directories;
  await t.test('no resident client: a client of its own', async () => {
    await collecting.server.stop('SIGKILL');
    const ended = await run(program);
    await coreOf(own, ended.pid);
    await collecting.restart();
    const { record } = await collecting.published(ended.pid);
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  });
  await t.test('no client at all', async () => {
    await collecting.server.stop();
    const broken = join(collecting.directories.stateDir, 'broken');
    const { handoverProgram } = await import('../../client/handover/handover-program.ts');
    writeFileSync(broken, handoverProgram('/nonexistent'), { mode: 0o755 });
    const { corePatternBeside } = await import('../../protocol/core-pattern.ts');
    writeCoreSysctls({ ...readCoreSysctls(), corePattern: corePatternBeside(own.pattern, broken, runDir) });
    const ended = await run(program);
    await coreOf(own, ended.pid);
  });
});

test('default handler: can be turned off', async (t) => {
  const own = handler(t, '%s');
  const collecting = await besides(t, own, ['--no-default-handler']);
  const ended = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
  await collecting.published(ended.pid);
  assert.equal(existsSync(join(own.directory, `args.${ended.pid}`)), false);
});

test('default handler: one that is not fed leaves core_pipe_limit to what waits for us', async (t) => {
  const own = handler(t, '%s');
  const collecting = await besides(t, own);
  assert.equal(readCoreSysctls().corePipeLimit, pipeLimit(own.pattern));
  for (const [pattern, args] of [
    [own.pattern, ['--no-default-handler']],
    ['|/bin/false', []],
  ] as const) {
    await collecting.server.stop();
    writeCoreSysctls({ corePattern: pattern, corePipeLimit: 0 });
    await (await collecting.restart([...args])).logged(' collecting ');
    assert.equal(readCoreSysctls().corePipeLimit, pipeLimit(null));
  }
  assert.notEqual(pipeLimit(null), pipeLimit(own.pattern));
});

const SOCKET = ['--mode', 'socket'];

/** What differs from one crash to the next. */
function withoutPid(words: readonly string[], pid: number): string[] {
  return words.map((word) => (word === `${pid}` ? 'PID' : word));
}

/** How many bytes differ in two cores of one size; addresses are the same where nothing is random. */
function differences(one: string, other: string): number {
  const [bytes, others] = [readFileSync(one), readFileSync(other)];
  assert.equal(bytes.length, others.length);
  return bytes.reduce((count, byte, at) => count + (byte === others[at] ? 0 : 1), 0);
}

/** The pid, times and the random bytes that the kernel gives a process, in all their places. */
const OF_CHANCE = 1024;

test('default handler: gets in socket mode what the kernel would give it', async (t) => {
  const own = handler(t, 'x=%s%%,%e %p %u %g%d %c %h %f -E%E lit\u00e9ral %i %I %F %');
  const collecting = await besides(t, own, SOCKET);
  const ours = readCoreSysctls();
  assert.match(ours.corePattern, /^@@/);
  const program = compile('nested', join(collecting.directories.stateDir, 'a \u00e9'), ['-g', '-no-pie']);
  const words: string[][] = [];
  const cores: string[] = [];
  for (const corePattern of [own.pattern, ours.corePattern]) {
    writeCoreSysctls({ ...ours, corePattern });
    const { pid } = await run('setarch', ['-R', program]);
    cores.push(await coreOf(own, pid));
    words.push(withoutPid(await argumentsOf(own, pid), pid));
    assert.match(readFileSync(join(own.directory, `fds.${pid}`), 'latin1'), /^0\n(?:.*\n)*3\n/);
    assert.equal(readFileSync(join(own.directory, `env.${pid}`), 'latin1').includes('USERCRASH'), false);
    if (corePattern === own.pattern) continue;
    const { record } = await collecting.published(pid);
    assert.equal(record.collection.mode, 'socket');
    assert.deepEqual(framesOfRecord(record), framesOfGdb(program, cores[1] ?? ''));
  }
  assert.deepEqual(words[1], words[0]);
  assert.ok(differences(cores[0] ?? '', cores[1] ?? '') < OF_CHANCE);
});

test('default handler: in socket mode our part does not wait for it, and it not for us', async (t) => {
  const own = handler(t, '%s', true);
  const collecting = await besides(t, own, SOCKET);
  const program = compile('threads', join(collecting.directories.stateDir, 'threads'), ['-g']);
  const child = spawn(program, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const pid = child.pid ?? assert.fail();
  // It is published while the handler has read nothing.
  const { record } = await collecting.published(pid);
  await until('the handler runs', () => existsSync(join(own.directory, `fds.${pid}`)));
  process.kill(collecting.server.process.pid ?? 0, 'SIGSTOP');
  process.kill(await residentOf(collecting), 'SIGKILL');
  await collecting.server.stop('SIGKILL');
  assert.equal(readFileSync(`/proc/${pid}/comm`, 'latin1'), 'threads\n', 'it is held for the handler');
  assert.equal(child.exitCode, null);
  writeFileSync(join(own.directory, 'go'), '');
  const core = await coreOf(own, pid);
  await ended;
  assert.deepEqual(framesOfRecord(record), framesOfGdb(program, core));
});

test('default handler: all of many crashes at one instant have theirs in socket mode', async (t) => {
  const own = handler(t, '%s');
  const collecting = await besides(t, own, SOCKET);
  const program = compile('null', join(collecting.directories.stateDir, 'null'));
  const ended = await Promise.all(Array.from({ length: 40 }, () => run(program)));
  for (const { pid } of ended) await coreOf(own, pid);
  assert.equal(readdirSync(own.directory).filter((name) => name.startsWith('core.')).length, 40);
});

test('default handler: one whose words have no room beside ours gets them all the same', async (t) => {
  const own = handler(t, `%s ${'literal'.repeat(9)} %e`);
  const collecting = await besides(t, own);
  assert.match(readCoreSysctls().corePattern, / %F p$/);
  const { stdout } = askCrashlogctl(['doctor', '--json'], collecting.directories);
  assert.match(stdout, new RegExp(`"${readCoreSysctls().corePipeLimit} crashes at once"`));
  const ended = await run(compile('nested', join(collecting.directories.stateDir, 'a name')));
  const core = await coreOf(own, ended.pid);
  assert.deepEqual((await argumentsOf(own, ended.pid)).slice(1), ['11', 'literal'.repeat(9), 'a name', '']);
  const { record } = await collecting.published(ended.pid);
  assert.deepEqual(
    framesOfRecord(record),
    framesOfGdb(join(collecting.directories.stateDir, 'a name'), core),
  );
});
