import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { historyLines } from '../server/client-side.ts';
import { testDirectories } from '../server/test-server.ts';
import { type Collecting, pendingNames, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

/** Names of crashes that wait in the run directory. */
function spooled({ directories }: Collecting): string[] {
  const directory = join(directories.runDir, '.pending');
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.captured')) : [];
}

/** A program that crashes: what becomes of it while the log directory is away, and then when it is there again. */
function crashes(collecting: Collecting) {
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const published = async (pid: number) => {
    const { record } = await collecting.published(pid);
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
    return record;
  };
  return {
    /** One that waits in the run directory. */
    async kept() {
      const { pid } = await run(program);
      await until('it waits in the run directory', () =>
        spooled(collecting).some((name) => name.includes(`-${pid}-`)),
      );
      return pid;
    },
    /** One that gets its report, and with it those that waited. */
    async reported(...waiting: number[]) {
      const { pid } = await run(program);
      await published(pid);
      for (const earlier of waiting) {
        const { collection } = await published(earlier);
        assert.ok(collection.notes.some((note) => note.startsWith('kept in the run directory')));
      }
      await until('nothing waits', () => spooled(collecting).length + pendingNames(collecting).length === 0);
      return pid;
    },
  };
}

/** A log directory that is a mount point. */
function mounted(t: TestContext, options: string) {
  const logDir = mkdtempSync('/var/tmp/uc-log-');
  chmodSync(logDir, 0o755); // For when nothing is mounted any more.
  execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=755,${options}`, 'none', logDir]);
  let isMounted = true;
  const umount = () => {
    // Lazily: the server has it open.
    if (isMounted) execFileSync('umount', ['-l', logDir]);
    isMounted = false;
  };
  t.after(() => {
    umount();
    rmSync(logDir, { recursive: true, force: true });
  });
  // Busy as long as somebody still has a file open for writing.
  const remount = (mode: 'ro' | 'rw') =>
    until(`it is ${mode}`, () => spawnSync('mount', ['-o', `remount,${mode}`, logDir]).status === 0);
  return { directories: { ...testDirectories(t), logDir }, remount, umount };
}

for (const mode of ['pipe', 'socket']) {
  test(`a log directory that is read-only, removed, a link, or somebody else's costs no crash, ${mode}`, async (t) => {
    const disk = mounted(t, 'ro');
    const { logDir, runDir } = disk.directories;
    const collecting = await startCollecting(t, ['--mode', mode], disk.directories);
    const crash = crashes(collecting);
    const reported: number[] = [];
    const first = await crash.kept();
    assert.deepEqual(readdirSync(logDir), []);

    await disk.remount('rw');
    reported.push(first, await crash.reported(first));
    await disk.remount('ro');
    const second = await crash.kept();
    const descriptors = () => readdirSync(`/proc/${collecting.server.process.pid}/fd`).length;
    const before = descriptors();

    disk.umount(); // Another directory is in its place, an empty one.
    reported.push(second, await crash.reported(second));
    rmSync(logDir, { recursive: true });
    await crash.reported();

    const elsewhere = join(runDir, '..', 'elsewhere');
    mkdirSync(elsewhere);
    // The server may have made a new directory between the one and the other.
    await until('a link is in its place', () => {
      rmSync(logDir, { recursive: true, force: true });
      return spawnSync('ln', ['-sT', elsewhere, logDir]).status === 0;
    });
    const third = await crash.kept();
    assert.deepEqual(readdirSync(elsewhere), []);
    assert.ok(collecting.server.log.some((line) => /log-directory-unusable .*symbolic link/.test(line)));

    rmSync(logDir);
    await crash.reported(third);
    const there = readdirSync(logDir);
    chownSync(logDir, 1000, 1000);
    const fourth = await crash.kept();
    assert.deepEqual(readdirSync(logDir), there);
    chownSync(logDir, 0, 0);
    await crash.reported(fourth);
    await until('no descriptor is left', () => descriptors() <= before);
    const lines = historyLines(disk.directories);
    assert.deepEqual(new Set(lines.map(({ collected }) => collected)), new Set(['full', 'pending']));
  });
}

test('crashes while there is neither a server nor a log directory wait in memory, as many as may', async (t) => {
  const disk = mounted(t, 'ro');
  const collecting = await startCollecting(t, [], disk.directories);
  const crash = crashes(collecting);
  await collecting.server.stop('SIGKILL');
  const pid = await crash.kept();
  await collecting.restart();
  await collecting.server.logged('log-directory-unusable');
  await disk.remount('rw');
  await crash.reported(pid);
});
