import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startPrivateJournald } from '../journald.ts';
import { historyLines } from '../server/client-side.ts';
import { type Collecting, pendingNames, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';
import { commandLineOf, residentOf } from './resident-client.ts';

const SIGSEGV = /SIGSEGV/;

/** A gdb that crashes over every core. */
function crashingGdb(t: TestContext): string {
  const directory = join('/var/tmp', `uc-crashing-${process.pid}-${Date.now()}`);
  mkdirSync(directory);
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'gdb');
  writeFileSync(path, "#!/bin/sh\nexec python3 -c 'import ctypes; ctypes.string_at(0)'\n", { mode: 0o755 });
  return path;
}

/** The process that waits for the next crash to analyse. */
function analyserOf({ directories }: Collecting): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => commandLineOf(String(pid)).includes(`\0${directories.runDir}\0--analyse\0`));
}

for (const mode of ['pipe', 'socket']) {
  test(`our own programs that crash, and gdb, start no loop and cost no report, ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode, '--gdb', crashingGdb(t)]);
    const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
    const published = async () => {
      const { record } = await collecting.published((await run(program)).pid);
      assert.match(record.missing['backtrace'] ?? '', SIGSEGV);
      return record.process.pid;
    };
    await collecting.server.logged(' ledger-on');
    const pids = [await published()];
    const resident = await residentOf(collecting);
    const analyser = analyserOf(collecting);
    const own = [resident];
    if (analyser !== undefined) {
      own.push(analyser);
      process.kill(analyser, 'SIGSEGV');
    }
    pids.push(await published());
    process.kill(resident, 'SIGSEGV');
    await residentOf(collecting, resident);
    pids.push(await published());
    const lineOf = (pid: number) => historyLines(collecting.directories).find((line) => line['pid'] === pid);
    await until('the history tells of our own', () => own.every((pid) => lineOf(pid) !== undefined));
    for (const pid of own)
      assert.match(String(lineOf(pid)?.['reason']), /RLIMIT_CORE|^it is a program of ours/);
    assert.equal(await collecting.server.stop('SIGSEGV'), 'SIGSEGV');
    await until('the resident client is gone', () => !isThere(collecting, '--resident'));
    const { pid } = await run(program);
    pids.push(pid);
    await until('it is kept', () => pendingNames(collecting).some((name) => name.includes(`-${pid}-`)));
    await collecting.restart();
    await collecting.published(pid);
    await until('nothing waits', () => pendingNames(collecting).length === 0).catch((error: unknown) => {
      throw new Error(`${pendingNames(collecting)}\n${collecting.server.log.join('\n')}`, { cause: error });
    });
    // By pipe the kernel does not even begin, and its log says so; by socket they are counted.
    const guarded = () =>
      historyLines(collecting.directories).filter(({ reason }) => /RLIMIT_CORE/.test(String(reason)));
    await until('the history tells of each gdb', () => guarded().length >= pids.length);
    const full = historyLines(collecting.directories).filter(({ collected }) => collected === 'full');
    assert.deepEqual(full.map((line) => line['pid']).sort(), [...pids].sort());
    assert.ok(
      guarded().every(({ program: name }) => /python3|node|usercrash/.test(String(name))),
      JSON.stringify(guarded()),
    );
  });

  test(`journald, dbus and the first process of a pid namespace are programs as any other, ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const { pid } = await startPrivateJournald(t);
    process.kill(pid, 'SIGSEGV');
    const { record } = await collecting.published(pid);
    assert.equal(record.process.comm, 'systemd-journal');
    assert.ok((record.threads?.[0]?.frames?.length ?? 0) > 0);

    const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
    await run('unshare', ['--pid', '--fork', '--mount-proc', program]);
    const line = await collecting.server.logged('program=nested');
    assert.match(line, /report-published signal=SIGSEGV/);

    const dbus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(dbus.stdout, 'data');
    dbus.kill('SIGSEGV');
    assert.equal((await collecting.published(dbus.pid ?? 0)).record.process.comm, 'dbus-daemon');
  });
}

function isThere({ directories }: Collecting, flag: string): boolean {
  return readdirSync('/proc').some((name) =>
    commandLineOf(name).includes(`\0${directories.runDir}\0${flag}\0`),
  );
}
