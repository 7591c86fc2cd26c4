import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRunSettings, writeRunSettings } from '../../config/run-settings.ts';
import { readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { markedCorePattern } from '../../protocol/core-pattern.ts';
import { fuseIsMissing, mountSilentFuse } from '../capture/silent-fuse.ts';
import { type Collecting, run, startCollecting, until } from './collecting.ts';
import { framesOfGdb, framesOfRecord } from './gdb-frames.ts';
import { compile } from './programs.ts';
import { commandLineOf } from './resident-client.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');
const USER = 61_234;
const OTHER = 61_235;

/** A crash, and what is there before it. `DIR` in the pattern and the command is its directory. */
interface Case {
  what: string;
  pattern: string;
  /** RLIMIT_CORE; without one there is none. */
  limit?: number;
  /** Makes what is needed in its directory, which belongs to {@link USER}. */
  prepare?: (directory: string) => void;
  /** The words before the program; it runs as {@link USER} unless they say otherwise. */
  command?: readonly string[];
  program?: string;
  sysctls?: Readonly<Record<string, string>>;
  /** What must come of it, if that is certain: the names of the files that are there. */
  files?: RegExp;
}

const AS_USER = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
const NONE = /^$/;

const CASES: readonly Case[] = [
  { what: 'core', pattern: 'core', files: /^core$/ },
  { what: 'core, as root', pattern: 'core', command: [], files: /^core$/ },
  { what: 'core.%e.%p', pattern: 'core.%e.%p', files: /^core\.nested\.PID$/ },
  {
    what: 'every specifier',
    pattern: 'c.%p.%P.%i.%I.%u.%g.%d.%s.%h.%e.%f.%c.%%.%x.%F',
    files: /^c\.PID\.PID\.PID/,
  },
  { what: '%E', pattern: 'c.%E', files: /^c\.!.*!nested$/ },
  { what: 'a name with spaces', pattern: 'a core of %e', files: /^a core of nested$/ },
  { what: 'a per cent sign at the end', pattern: 'core%', files: /^core$/ },
  {
    what: 'absolute',
    pattern: 'DIR/in/core',
    prepare: (d) => mkdirSync(join(d, 'in'), { mode: 0o777 }),
    command: [],
  },
  { what: 'absolute, of a user', pattern: 'DIR/core.%p', files: /^core\.PID$/ },
  { what: 'the directory is missing', pattern: 'missing/core', files: NONE },
  { what: 'the directory is not writable', pattern: 'core', prepare: (d) => chownSync(d, 0, 0), files: NONE },
  {
    what: 'another user has a file there',
    pattern: 'core',
    prepare: (d) => {
      chownSync(d, 0, 0);
      chmodSync(d, 0o1777);
      writeFileSync(join(d, 'core'), 'theirs');
      chownSync(join(d, 'core'), OTHER, OTHER);
    },
  },
  {
    what: 'an older core',
    pattern: 'core',
    prepare: (d) => writeFileSync(join(d, 'core'), 'old'),
    files: /^core$/,
  },
  {
    what: 'a symlink',
    pattern: 'core',
    prepare: (d) => symlinkSync('/etc/uc-never', join(d, 'core')),
    files: /^core$/,
  },
  { what: 'a directory', pattern: 'core', prepare: (d) => mkdirSync(join(d, 'core')) },
  {
    what: 'a group of its own by the directory',
    pattern: 'core',
    prepare: (d) => {
      chownSync(d, USER, OTHER);
      chmodSync(d, 0o2777);
    },
  },
  {
    what: 'a umask that takes the owner’s rights',
    pattern: 'core',
    command: ['sh', '-c', 'umask 0277; exec "$@"', 'sh', ...AS_USER],
  },
  { what: 'RLIMIT_CORE 0', pattern: 'core', limit: 0, files: NONE },
  { what: 'RLIMIT_CORE below a page', pattern: 'core', limit: 4095, files: NONE },
  ...[4096, 5000, 9000, 12_345, 65_536, 100_001].map((limit) => ({
    what: `RLIMIT_CORE ${limit}`,
    pattern: 'core',
    limit,
    files: /^core$/,
  })),
  {
    what: 'RLIMIT_FSIZE',
    pattern: 'core',
    command: ['prlimit', '--fsize=20000', ...AS_USER],
    files: /^core$/,
  },
  { what: 'core_uses_pid', pattern: 'core', sysctls: { 'kernel/core_uses_pid': '1' }, files: /^core\.PID$/ },
  {
    what: 'core_uses_pid and %p',
    pattern: '%p.core',
    sysctls: { 'kernel/core_uses_pid': '1' },
    files: /^PID\.core$/,
  },
  { what: 'core_uses_pid and %P', pattern: '%P.core', sysctls: { 'kernel/core_uses_pid': '1' } },
  { what: 'no name', pattern: '', files: NONE },
  {
    what: 'a name of the pid alone',
    pattern: '',
    sysctls: { 'kernel/core_uses_pid': '1' },
    files: /^\.PID$/,
  },
  ...['0', '1', '2'].flatMap((dumpable) =>
    (['setuid', 'unreadable'] as const).flatMap((program) =>
      ['core', 'DIR/core'].map((pattern) => ({
        what: `${program}, suid_dumpable ${dumpable}, ${pattern}`,
        pattern,
        program,
        sysctls: { 'fs/suid_dumpable': dumpable },
        prepare: (d: string) => chmodSync(d, 0o777),
      })),
    ),
  ),
  {
    what: 'setuid, suid_dumpable 2, a file is there',
    pattern: 'DIR/core',
    program: 'setuid',
    sysctls: { 'fs/suid_dumpable': '2' },
    prepare: (d) => {
      chmodSync(d, 0o777);
      writeFileSync(join(d, 'core'), 'old');
    },
  },
  {
    what: 'another root directory',
    pattern: '/in/%E',
    prepare: (d) => mkdirSync(join(d, 'in'), { mode: 0o777 }),
    command: ['chroot', 'DIR'],
    program: 'inside',
  },
  {
    what: 'another root directory, suid_dumpable 2',
    pattern: 'DIR/%E',
    command: ['chroot', `--userspec=${USER}:${USER}`, 'DIR'],
    program: 'inside-unreadable',
    sysctls: { 'fs/suid_dumpable': '2' },
  },
  {
    what: 'another mount namespace',
    pattern: 'DIR/over/core.%p',
    prepare: (d) => mkdirSync(join(d, 'over')),
    // The file is on a file system that nobody else sees: the shell tells of it.
    command: [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none over; "$@"; ls -ln over | tail -n +2 >> seen; wc -c over/* >> seen',
      'sh',
    ],
  },
  {
    what: 'another UTS namespace',
    pattern: 'core.%h',
    command: ['unshare', '--uts', 'sh', '-c', 'hostname inside; exec "$@"', 'sh'],
    files: /^core\.inside$/,
  },
  { what: 'another pid namespace', pattern: 'core.%p.%i', command: ['unshare', '--pid', '--fork'] },
  {
    what: 'another user namespace',
    pattern: 'core',
    command: [...AS_USER, 'unshare', '--user', '--map-root-user'],
    files: /^core$/,
  },
  {
    what: 'a working directory that is gone',
    pattern: 'core',
    command: ['sh', '-c', 'mkdir gone; cd gone; rmdir ../gone; exec "$@"', 'sh'],
  },
  {
    what: 'a full disk',
    pattern: 'core',
    command: [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mkdir full; mount -t tmpfs -o size=64k none full; (cd full; "$@"); ls -n full | tail -n +2 >> seen; wc -c full/* >> seen',
      'sh',
    ],
  },
];

/** Runs a case's crash in a directory of its own. @returns Every file that is there then, without what is chance. */
async function filesAfter(
  t: TestContext,
  one: Case,
  { program, place }: { program: string; place: (pattern: string) => void },
): Promise<string[]> {
  const directory = mkdtempSync('/var/tmp/uc-core-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const sysctls = Object.entries(one.sysctls ?? {}).map(([name, value]) => ({
    path: `/proc/sys/${name}`,
    value,
  }));
  const saved = sysctls.map(({ path }) => ({ path, value: readFileSync(path, 'latin1') }));
  try {
    chownSync(directory, USER, USER);
    const own = programOf(one, program, directory);
    one.prepare?.(directory);
    const here = (text: string) => text.replaceAll('DIR', directory);
    place(here(one.pattern));
    for (const { path, value } of sysctls) writeFileSync(path, value);
    const words = [`--core=${one.limit ?? 'unlimited'}`, ...(one.command ?? AS_USER).map(here), own];
    const pids = await crash(words, directory);
    return listing(directory, '', pids).sort();
  } finally {
    for (const { path, value } of saved) writeFileSync(path, value);
  }
}

/** The program that crashes, as a case wants it. */
function programOf({ program: kind }: Case, program: string, directory: string): string {
  if (kind === undefined) return program;
  if (kind.startsWith('inside')) {
    copyFileSync(program, join(directory, 'nested'));
    if (kind === 'inside-unreadable') chmodSync(join(directory, 'nested'), 0o711);
    return '/nested';
  }
  const other = `${program}-${kind}`;
  copyFileSync(program, other);
  if (kind === 'setuid') chownSync(other, OTHER, OTHER);
  chmodSync(other, kind === 'setuid' ? 0o4755 : 0o711);
  return other;
}

/** @returns All pids that may stand in a name: the kernel gives the next ones in turn. */
function crash(words: readonly string[], cwd: string): Promise<Map<string, string>> {
  const child = spawn('prlimit', words, { cwd, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(new Map([[`${child.pid}`, 'PID']])));
  });
}

function listing(directory: string, under: string, pids: ReadonlyMap<string, string>): string[] {
  return readdirSync(join(directory, under)).flatMap((name) => {
    const path = join(under, name);
    const { mode, uid, gid, size } = lstatSync(join(directory, path));
    let shown = path.replaceAll(directory.replaceAll('/', '!'), 'DIR');
    for (const [pid, word] of pids) shown = shown.replaceAll(pid, word);
    const isDirectory = lstatSync(join(directory, path)).isDirectory();
    const seen =
      name === 'seen'
        ? readFileSync(join(directory, path), 'utf8')
            .replace(/core\.\d+/g, 'core.PID')
            .replace(/\w{3} +\d+ \d\d:\d\d/, '')
        : '';
    const line = `${shown} ${mode.toString(8)} ${uid}:${gid} ${isDirectory ? '' : size} ${seen}`;
    return [line, ...(isDirectory ? listing(directory, path, pids) : [])];
  });
}

function setDefaultPattern({ directories: { runDir } }: Collecting, defaultPattern: string): void {
  writeRunSettings(runDir, { ...readRunSettings(runDir), defaultPattern });
}

for (const mode of ['pipe', 'socket']) {
  test(`core file: is what the kernel would have written, by ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const ours = readCoreSysctls();
    // Static, so that it runs in any root directory, and always has the same memory.
    const program = compile('nested', join(collecting.directories.stateDir, 'nested'), [
      '-static',
      '-no-pie',
    ]);
    execFileSync('chmod', ['-R', 'o+rX', join(collecting.directories.stateDir, '..')]);
    for (const one of CASES) {
      await t.test(one.what, async (t) => {
        const kernels = await filesAfter(t, one, {
          program,
          place: (corePattern) => writeCoreSysctls({ ...ours, corePattern }),
        });
        writeCoreSysctls(ours);
        const written = await filesAfter(t, one, {
          program,
          place: (pattern) => setDefaultPattern(collecting, pattern),
        });
        assert.deepEqual(written, kernels);
        if (one.files !== undefined)
          assert.match(kernels.map((line) => line.replace(/ \d+ \d+:\d+ .*/s, '')).join(' '), one.files);
      });
    }
  });
}

/** A crash of a process whose addresses are always the same. @returns Its pid, and the core in its directory. */
async function coreOf(t: TestContext, program: string): Promise<{ pid: number; core: string }> {
  const directory = mkdtempSync('/var/tmp/uc-core-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const { pid } = await run('prlimit', ['--core=unlimited', 'setarch', '-R', program], { cwd: directory });
  const core = join(directory, 'core');
  await until('a core', () => existsSync(core));
  return { pid, core };
}

/** The pid, times and the random bytes that the kernel gives a process, in all their places. */
const OF_CHANCE = 1024;

for (const mode of ['pipe', 'socket']) {
  test(`core file: has the bytes that the kernel would have written, by ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const ours = readCoreSysctls();
    const program = compile('nested', join(collecting.directories.stateDir, 'nested'), ['-g', '-no-pie']);
    const { core, pid } = await coreOf(t, program);
    writeCoreSysctls({ ...ours, corePattern: 'core' });
    const kernels = await coreOf(t, program);
    const [bytes, others] = [core, kernels.core].map((path) => readFileSync(path));
    assert.ok(bytes && others && bytes.length === others.length);
    const different = bytes.reduce((count, byte, at) => count + (byte === others[at] ? 0 : 1), 0);
    assert.ok(different < OF_CHANCE, `${different} bytes differ`);
    const [blocks = 0, most = 0] = [core, kernels.core].map((path) => lstatSync(path).blocks);
    assert.ok(blocks <= most, 'pages of zeros are holes');
    const { record } = await collecting.published(pid);
    assert.deepEqual(framesOfRecord(record), framesOfGdb(program, core));
  });
}

test('core file: is written also without a resident client, and without the handover program', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const { runDir } = collecting.directories;
  const written = [];
  const ours = readCoreSysctls();
  await collecting.server.stop('SIGKILL');
  written.push(await coreOf(t, program));
  writeCoreSysctls({ ...ours, corePattern: markedCorePattern('file', CLIENT, runDir) });
  written.push(await coreOf(t, program));
  await collecting.restart();
  for (const { pid, core } of written) {
    const { record } = await collecting.published(pid);
    assert.deepEqual(framesOfRecord(record), framesOfGdb(program, core));
  }
});

/** Pids of the processes that write core files for this collector. */
function writersOf({ directories: { runDir } }: Collecting): string[] {
  return readdirSync('/proc').filter((pid) => {
    const words = /^\d+$/.test(pid) ? commandLineOf(pid).split('\0') : [];
    return words.includes(runDir) && words.includes('--default-handler');
  });
}

for (const mode of ['pipe', 'socket']) {
  const options = { skip: fuseIsMissing };
  test(
    `core file: one user whose files never end does not keep others from theirs, by ${mode}`,
    options,
    async (t) => {
      const collecting = await startCollecting(t, ['--mode', mode]);
      const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
      execFileSync('chmod', ['-R', 'o+rX', join(collecting.directories.stateDir, '..')]);
      const base = mkdtempSync('/var/tmp/uc-users-');
      t.after(() => rmSync(base, { recursive: true, force: true }));
      chmodSync(base, 0o755);
      const fuse = await mountSilentFuse(t, program, ['all', 'leave']);
      chmodSync(dirname(dirname(fuse.file)), 0o755);
      symlinkSync(dirname(fuse.file), join(base, `${USER}`));
      mkdirSync(join(base, `${OTHER}`));
      chownSync(join(base, `${OTHER}`), OTHER, OTHER);
      setDefaultPattern(collecting, `${base}/%u/core.%p`);
      assert.equal(existsSync(fuse.silence), false);
      const crash = (user: number) => {
        const ids = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
        return run('setpriv', [...ids, 'prlimit', '--core=unlimited', program]);
      };
      const held = Array.from({ length: 24 }, () => crash(USER));
      await until('half of the places are taken', () => writersOf(collecting).length >= 8);
      const { pid } = await crash(OTHER);
      assert.ok(existsSync(join(base, `${OTHER}`, `core.${pid}`)));
      // The other's own ends a moment after its process.
      await until('those of the one are left', () => writersOf(collecting).length === 8);
      await fuse.end();
      await Promise.all(held);
    },
  );
}

test('core file: none is written with --no-default-handler', async (t) => {
  const collecting = await startCollecting(t, ['--no-default-handler']);
  const directory = collecting.directories.stateDir;
  const program = compile('nested', join(directory, 'nested'));
  const { pid } = await run('prlimit', ['--core=unlimited', program], { cwd: directory });
  await collecting.published(pid);
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('core')),
    [],
  );
});
