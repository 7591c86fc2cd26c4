import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Diagnosis } from '../../install/doctor/examine.ts';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { run, startCollecting, until } from '../machine/collecting.ts';
import { smallFileSystem } from '../server/small-file-system.ts';
import { startTestServer, type TestDirectories, testDirectories } from '../server/test-server.ts';
import { askCrashlogctl, type Said } from './ask-crashlogctl.ts';

/** What it found, by check. */
function examined(
  directories: TestDirectories,
  options: Parameters<typeof askCrashlogctl>[2] = {},
): { of(check: string): Diagnosis[]; status: number | null } {
  const { stdout, stderr, status }: Said = askCrashlogctl(['doctor', '--json'], directories, options);
  assert.equal(stderr, '');
  const { findings }: { findings: Diagnosis[] } = JSON.parse(stdout);
  for (const { outcome, fix } of findings) assert.equal(fix === null, outcome === 'ok');
  return { of: (check) => findings.filter((finding) => finding.check === check), status };
}

function assertFound(found: readonly Diagnosis[], outcome: Diagnosis['outcome'], text: RegExp, fix = /(?:)/) {
  const match = found.find(
    (one) => one.outcome === outcome && text.test(one.text) && fix.test(one.fix ?? ''),
  );
  assert.ok(match, `no ${outcome} ${text} ${fix} in ${JSON.stringify(found, null, 2)}`);
}

test('crashlogctl doctor: where all is well nothing fails', async (t) => {
  const { directories } = await startCollecting(t);
  const healthy = examined(directories);
  for (const check of [
    'core pattern',
    'pipe limit',
    'server',
    'log directory',
    'disk',
    'gdb',
    'configuration',
  ]) {
    const [finding] = healthy.of(check);
    assert.equal(finding?.outcome, 'ok', JSON.stringify(finding));
  }
  const text = askCrashlogctl(['doctor'], directories).stdout;
  assert.match(text, /^ok\tcore pattern\tours, by pipe: \|/);
});

test('crashlogctl doctor: who took core_pattern over, and a pipe limit that is 0 or small', async (t) => {
  const { directories, server } = await startCollecting(t);
  const ours = readCoreSysctls();
  writeCoreSysctls({ ...ours, corePipeLimit: 0 });
  assertFound(
    examined(directories).of('pipe limit'),
    'fail',
    /is 0: processes vanish/,
    /sysctl -w kernel\.core_pipe_limit=\d/,
  );
  writeCoreSysctls({ ...ours, corePipeLimit: 4 });
  assertFound(examined(directories).of('pipe limit'), 'warn', /is 4: more crashes/);
  const apport = '|/usr/share/apport/apport -p%p -s%s';
  writeCoreSysctls({ ...ours, corePattern: apport });
  await server.logged('core-pattern-changed');
  await until('status.json tells of it', () => examined(directories).of('server').length > 1);
  const taken = examined(directories);
  assertFound(
    taken.of('core pattern'),
    'fail',
    /apport's: \|\/usr\/share/,
    /--own-core-pattern|enable --now/,
  );
  assertFound(taken.of('server'), 'warn', /changed \d times by somebody else/, /take-back-core-pattern/);
  assert.equal(taken.status, 1);
});

test('crashlogctl doctor: a core_pattern whose program or socket is gone', async (t) => {
  await takeCorePattern(t);
  const directories = testDirectories(t);
  const { runDir } = directories;
  mkdirSync(runDir);
  const before = readCoreSysctls();
  writeCoreSysctls({ ...before, corePattern: `|${runDir}/h ${runDir} %P %i %s %t %d` });
  const pattern = examined(directories).of('core pattern');
  // Whatever the specifiers: what is not ours to the letter is another's.
  assertFound(pattern, 'fail', /another program's|missing or cannot be executed/);
  try {
    writeCoreSysctls({ ...before, corePattern: `@@${runDir}/coredump.sock` });
  } catch {
    return; // A kernel without coredump sockets.
  }
  const found = examined(directories).of('core pattern');
  assertFound(found, 'fail', /coredump\.sock, and nobody listens there/, /usercrash-server|restart/);
});

test('crashlogctl doctor: dumps that the kernel skipped, and crashes that the history knows to be lost', async (t) => {
  const { directories } = await startCollecting(t);
  writeFileSync(
    '/dev/kmsg',
    `<30>usercrash: pid ${process.pid}, signal 11: not collected: ENOSPC: of a test\n`,
  );
  assertFound(
    examined(directories).of('kernel log'),
    'warn',
    /^(?:one dump was|\d+ dumps were) skipped: ENOSPC: of a test/,
    /dmesg/,
  );
  const line = {
    ...{
      at: { iso: '', us: Date.now() * 1000 },
      boot: null,
      host: null,
      pid: 4,
      uid: 0,
      program: '/bin/a',
      unit: null,
    },
    ...{ signal: 'SIGSEGV', quickKey: null, signature: null, crashId: 'a-4-1-1', slot: null, repeatOf: null },
    ...{ collected: 'not collected', reason: 'the kernel dumped it for 12.5 ms', durations: null },
  };
  const gap = { ...line, crashId: null, collected: 'gap', reason: 'of a test' };
  writeFileSync(join(directories.logDir, 'history'), `${JSON.stringify(line)}\n${JSON.stringify(gap)}\n`);
  const lost = examined(directories).of('history');
  assertFound(lost, 'warn', /^1 crashes .* not collected: the kernel dumped it for N ms/);
  assertFound(lost, 'warn', /^1 times .* may be missing/, /jq/);
});

test('crashlogctl doctor: a server that was killed, that was stopped, that never ran', async (t) => {
  const directories = testDirectories(t);
  assertFound(examined(directories).of('server'), 'fail', /no server has run/, /./);
  const first = await startTestServer(t, directories);
  assertFound(examined(directories).of('server'), 'ok', /^pid \d+, version/);
  await first.stop('SIGKILL');
  assertFound(examined(directories).of('server'), 'fail', /has ended without a word/, /why it ended: /);
  const second = await startTestServer(t, directories);
  await second.stop();
  assertFound(examined(directories).of('server'), 'fail', /was stopped/);
});

test('crashlogctl doctor: a full disk, no inodes, a full run directory', (t) => {
  const disk = smallFileSystem(t, 'size=1m,nr_inodes=300');
  const env = { USERCRASH_KEEP_FREE: '10%' };
  assertFound(examined(disk.directories, { env }).of('disk'), 'ok', /free, of which/);
  disk.fill();
  assertFound(
    examined(disk.directories, { env }).of('disk'),
    'fail',
    /no room for reports: 0 B free/,
    /make room/,
  );
  disk.free();
  disk.takeInodes();
  assertFound(examined(disk.directories, { env }).of('disk'), 'fail', /has 0 inodes left/);
  const { runDir } = disk.directories;
  const before = `mkdir -p ${runDir}; mount -t tmpfs -o size=64k none ${runDir}; head -c 64k /dev/zero > ${runDir}/fill || true`;
  assertFound(examined(disk.directories, { before }).of('disk'), 'warn', /is full: crashes cannot wait/);
});

test("crashlogctl doctor: a log directory that is a link, somebody else's, read-only, or not there", (t) => {
  const directories = testDirectories(t);
  const { logDir, stateDir } = directories;
  const look = (before?: string) =>
    examined(directories, before === undefined ? {} : { before }).of('log directory');
  assertFound(look(), 'ok', /is root's/);
  assertFound(
    look(`mount --bind ${logDir} ${logDir}; mount -o remount,ro,bind ${logDir}`),
    'fail',
    /read-only/,
    /remount,rw/,
  );
  chmodSync(logDir, 0o777);
  assertFound(look(), 'fail', /only root can write/, /chmod go-w/);
  rmSync(logDir, { recursive: true });
  assertFound(look(), 'fail', /is not there/, /: it makes it/);
  mkdirSync(stateDir);
  symlinkSync(stateDir, logDir);
  assertFound(look(), 'fail', /is a symbolic link/);
});

test('crashlogctl doctor: no gdb, one that does not run, no debug symbols and how to get them here', (t) => {
  const directories = testDirectories(t);
  const of = (env: NodeJS.ProcessEnv, before?: string) =>
    examined(directories, { env, ...(before === undefined ? {} : { before }) });
  assertFound(
    of({ USERCRASH_GDB: '/nowhere/gdb' }).of('gdb'),
    'fail',
    /there is no \/nowhere\/gdb/,
    /apt-get install gdb/,
  );
  assertFound(of({ USERCRASH_GDB: '/bin/false' }).of('gdb'), 'fail', /does not run/);
  // Its Python would leave compiled modules in /usr.
  const tells = join(directories.logDir, 'gdb');
  writeFileSync(tells, '#!/bin/sh\necho "writes no bytecode: $PYTHONDONTWRITEBYTECODE"\n', { mode: 0o755 });
  assertFound(of({ USERCRASH_GDB: tells }).of('gdb'), 'ok', /writes no bytecode: 1/);
  const hidden = 'mount -t tmpfs none /usr/lib/debug';
  assertFound(
    of({}, hidden).of('debug symbols'),
    'warn',
    /libc\.so\.6, build-id [0-9a-f]{40}\) are not in/,
    /libc6-dbg.*debian-debug bookworm-debug/,
  );
  const release = join(directories.logDir, 'os-release');
  writeFileSync(release, 'ID="rocky"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.5"\n');
  const rocky = of({ USERCRASH_GDB: '/nowhere/gdb' }, `${hidden}; mount --bind ${release} /etc/os-release`);
  assertFound(
    rocky.of('debug symbols'),
    'warn',
    /./,
    /dnf debuginfo-install glibc; of other packages, on Rocky Linux 9\.5/,
  );
  assertFound(rocky.of('gdb'), 'fail', /./, /dnf install gdb/);
});

test('crashlogctl doctor: a container that cannot set sysctls', (t) => {
  // A pid namespace of its own, in which /proc/sys cannot be written.
  const inside = 'mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys; exec "$0" "$@"';
  const before = `exec unshare --pid --fork --mount-proc sh -c '${inside}' "$0" "$@"`;
  const found = examined(testDirectories(t), { before });
  assertFound(found.of('sysctls'), 'fail', /cannot be written, as in most containers/, /on the host/);
  assertFound(found.of('core pattern'), 'fail', /core_pattern is/, /on the host/);
});

test('crashlogctl doctor: sysctl.d, other handlers, accounts, mistakes in the configuration', (t) => {
  const directories = testDirectories(t);
  mkdirSync(directories.stateDir);
  writeFileSync(join(directories.stateDir, 'usercrash.toml'), 'slots = "many"\n');
  const before = [
    'mount -t tmpfs none /etc/sysctl.d',
    'echo "kernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P" > /etc/sysctl.d/zz.conf',
    'echo "kernel.core_pattern=core" > /etc/sysctl.d/10-a.conf',
    'mount -t tmpfs none /usr/share',
    'mkdir /usr/share/apport; touch /usr/share/apport/apport',
    `grep -v ^usercrash: /etc/passwd > ${directories.stateDir}/passwd; mount --bind ${directories.stateDir}/passwd /etc/passwd`,
  ].join('; ');
  const found = examined(directories, { before, env: { USERCRASH_GROUP: 'nobodys' } });
  assertFound(
    found.of('next boot'),
    'warn',
    /zz\.conf sets core_pattern to \|\/usr\/lib\/systemd\/systemd-coredump %P/,
    /./,
  );
  assertFound(found.of('other handlers'), 'ok', /apport is installed$/, /^$/);
  assertFound(found.of('accounts'), 'warn', /no user usercrash/, /sysusers/);
  assertFound(found.of('accounts'), 'warn', /no group nobodys/);
  assertFound(found.of('configuration'), 'warn', /usercrash\.toml:1: slots/, /crashlogctl config/);
});

/** systemd itself cannot be had here with units that fail: these are its words. test/vm/ asks the real one. */
test('crashlogctl doctor: units that failed, are masked, do not start at boot; apport that is enabled', (t) => {
  const directories = testDirectories(t);
  const unit = (id: string, fields: string) => `Id=${id}\n${fields}\n`;
  const ours = [
    unit(
      'usercrash.service',
      'LoadState=loaded\nActiveState=failed\nResult=watchdog\nUnitFileState=enabled\nNRestarts=3',
    ),
    unit(
      'usercrash-client.service',
      'LoadState=masked\nActiveState=inactive\nResult=success\nUnitFileState=masked\nNRestarts=0',
    ),
    unit('usercrash.socket', 'LoadState=loaded\nActiveState=active\nResult=success\nUnitFileState=disabled'),
  ].join('\n');
  const apport = unit(
    'apport.service',
    'LoadState=loaded\nActiveState=active\nResult=success\nUnitFileState=enabled\nNRestarts=0',
  );
  const program = join(directories.logDir, 'systemctl');
  writeFileSync(program, `#!/bin/sh\ncase "$*" in *apport*) echo '${apport}';; *) echo '${ours}';; esac\n`, {
    mode: 0o755,
  });
  const before = [
    'mount -t tmpfs none /run; mkdir -p /run/systemd/system',
    'mount -t tmpfs none /usr/local/sbin',
    `cp ${program} /usr/local/sbin/systemctl`,
    'mount -t tmpfs none /usr/share; mkdir /usr/share/apport; touch /usr/share/apport/apport',
  ].join('; ');
  const found = examined(directories, { before });
  assertFound(
    found.of('units'),
    'fail',
    /usercrash\.service has failed: watchdog/,
    /reset-failed usercrash\.service/,
  );
  assertFound(found.of('units'), 'fail', /client\.service is masked/, /unmask/);
  assertFound(found.of('units'), 'warn', /usercrash\.socket is not started at boot/, /enable/);
  assertFound(
    found.of('other handlers'),
    'warn',
    /apport\.service sets core_pattern when it starts/,
    /disable --now apport/,
  );
});

for (const [machine, before, enable, restart] of [
  ['systemd', 'mkdir -p /run/systemd/system', /^crashlogctl enable --now$/, /^systemctl restart usercrash/],
  [
    'OpenRC',
    'mkdir /run/openrc',
    /^rc-update add usercrash boot .*init\/openrc/,
    /^rc-service usercrash restart/,
  ],
  [
    'runit',
    'echo runit >/run/comm; mount --bind /run/comm /proc/1/comm',
    /^ln -s .*init\/runit/,
    /^sv restart/,
  ],
  [
    'no service manager',
    'true',
    /^start usercrash-server --own-core-pattern/,
    /^end usercrash-server by Ctrl-C/,
  ],
] as const) {
  test(`crashlogctl doctor: with ${machine}, it says what to do there, and nothing of another`, (t) => {
    const directories = testDirectories(t);
    rmSync(directories.logDir, { recursive: true });
    const found = examined(directories, { before: `mount -t tmpfs none /run; ${before}` });
    assertFound(found.of('server'), 'fail', /no server has run/, enable);
    assertFound(found.of('log directory'), 'fail', /is not there/, restart);
    const isSystemd = machine === 'systemd';
    const fixes = [...found.of('server'), ...found.of('log directory'), ...found.of('core pattern')];
    for (const { fix } of fixes)
      assert.equal(/systemctl|journalctl|crashlogctl enable/.test(fix ?? ''), isSystemd);
  });
}

test('crashlogctl doctor: a crash that only repeats another is told as such', async (t) => {
  const { directories, published } = await startCollecting(t, ['--repeats-per-hour', '1']);
  await published((await run('/bin/sh', ['-c', 'kill -SEGV $$'])).pid);
  await run('/bin/sh', ['-c', 'kill -SEGV $$']);
  await until('the repeat is in the history', () =>
    examined(directories)
      .of('history')
      .some(({ text }) => /^1 crashes .* repeat others/.test(text)),
  );
});

test('crashlogctl doctor: who is not root is told so', (t) => {
  const directories = testDirectories(t);
  const { stderr, status } = askCrashlogctl(['doctor'], directories, {
    before: 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"',
  });
  assert.match(stderr, /needs root\. Try: sudo crashlogctl doctor/);
  assert.equal(status, 1);
});
