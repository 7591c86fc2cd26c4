import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Collecting, type Published, startCollecting } from '../machine/collecting.ts';
import { makeContainer } from '../machine/container.ts';

/** Somebody who is not on this machine, and in no group. */
const USER = 61_234;

/** A name that ends strings, arguments, lines and commands of shells, of gdb and of its machine interface. */
const NAME = 'a"b\' $(touch x)\n-ex shell;%n\\`';

/** Python and commands of gdb's that end it: what runs is seen, although it could leave no trace in its cage. */
const PYTHON = 'import os\nos._exit(7)\n';
const GDB = 'shell touch x\nkill\nquit 7\n';

/** Scripts inside the program: one by its text, two by the names of files beside it and below its root. */
function sectionWith(files: readonly string[]): string {
  const entries = files.map((file) => `.byte 1\\n.asciz \\"${file}\\"\\n`);
  return `asm(".pushsection .debug_gdb_scripts, \\"MS\\",@progbits,1\\n.byte 4\\n.ascii \\"inline\\\\nimport os; os._exit(7)\\\\n\\"\\n.byte 0\\n${entries.join('')}.popsection");`;
}

/** Everything that gdb might run by itself, for an object file in this directory. */
function plantScripts(directory: string, objectFile: string): void {
  const files = {
    '.gdbinit': GDB,
    gdbinit: GDB,
    [`${objectFile}-gdb.py`]: PYTHON,
    [`${objectFile}-gdb.gdb`]: GDB,
    'planted.py': PYTHON,
    'sitecustomize.py': PYTHON,
    'usercustomize.py': PYTHON,
    'libstdcxx/__init__.py': PYTHON,
    'gdb/__init__.py': PYTHON,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** An environment that would lead gdb, its Python, the linker, Node and a shell to files in this directory. */
function environmentOf(directory: string): Record<string, string> {
  const file = join(directory, 'planted.py');
  return {
    PATH: directory,
    HOME: directory,
    PYTHONPATH: directory,
    PYTHONSTARTUP: file,
    PYTHONHOME: directory,
    NODE_OPTIONS: `--require ${file}`,
    NODE_PATH: directory,
    BASH_ENV: file,
    ENV: file,
    GDBHISTFILE: join(directory, 'history'),
    DEBUGINFOD_URLS: `file://${directory}`,
    XDG_CONFIG_HOME: directory,
    TMPDIR: directory,
    USERCRASH_LOG_DIR: directory,
    USERCRASH_RUN_DIR: directory,
  };
}

/** A directory of the other user's with a program of a hostile name, run as that user until it has crashed. */
async function crashAsOther(t: TestContext): Promise<{ pid: number; directory: string }> {
  const directory = mkdtempSync('/var/tmp/uc-foreign-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, NAME);
  const source = join(directory, 'program.c');
  writeFileSync(
    source,
    `${sectionWith(['planted.py', `${directory}/planted.py`])}
static int fall(const int *where) { return *where; }
int main(void) { return fall((int *)8); }
`,
  );
  execFileSync('gcc', ['-g', '-O0', '-o', join(directory, 'program'), source]);
  renameSync(join(directory, 'program'), program);
  plantScripts(directory, NAME);
  for (const name of readdirSync(directory)) chownSync(join(directory, name), USER, USER);
  chownSync(directory, USER, USER);
  chmodSync(directory, 0o755);
  const child = spawn(
    'setpriv',
    ['--reuid', String(USER), '--regid', String(USER), '--clear-groups', program, '-ex', 'shell touch x'],
    { cwd: directory, env: { ...environmentOf(directory), PATH: '/usr/bin:/bin' }, stdio: 'ignore' },
  );
  const pid = child.pid ?? 0;
  await new Promise((resolve) => child.once('exit', resolve));
  return { pid, directory };
}

/** A report that is as whole as that of any other program. */
function assertUntouched({ record, text }: Published, functions: readonly string[]): void {
  assert.deepEqual(
    record.threads?.[0]?.frames?.slice(0, functions.length).map((frame) => frame.function),
    functions,
  );
  for (const section of ['backtrace', 'code', 'stack', 'memory'])
    assert.equal(record.missing[section], undefined, section);
  assert.doesNotMatch(JSON.stringify(record.collection.notes), /gdb (?:ended|was killed|could not)/);
  assert.doesNotMatch(text, /\x1b/);
}

/** What was made in a directory meanwhile. */
function madeIn(directory: string, before: readonly string[]): string[] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => !before.includes(name));
}

for (const mode of ['pipe', 'socket']) {
  test(`another user's names, scripts and environment run nothing, ${mode}`, async (t) => {
    const collecting: Collecting = await startCollecting(t, ['--mode', mode]);
    const { pid, directory } = await crashAsOther(t);
    const before = readdirSync(directory, { recursive: true }).map(String);
    const published = await collecting.published(pid);
    assertUntouched(published, ['fall', 'main']);
    assert.deepEqual(madeIn(directory, before), []);
    assert.equal(before.includes('x'), false);
    const { path } = published;
    assert.equal(lstatSync(path).uid, 0);
    assert.deepEqual(
      readdirSync(dirname(path)).filter(
        (name) => !/^(?:usercrash_\d\d(?:\.json|\.core\.zst)?|history|\.pending)$/.test(name),
      ),
      [],
    );
  });

  test(`a container's own gdb, its scripts and its system's files run nothing, ${mode}`, async (t) => {
    const container = makeContainer(t, { globals: sectionWith(['planted.py', '/planted.py']) });
    const { root, app } = container;
    for (const [directory, file] of [
      [app, 'app'],
      ['/', 'planted'],
      ['/root', 'app'],
      ['/etc/gdb', 'app'],
      ['/opt/measure', 'libmeasure.so.1.0'],
      ['/opt/musl', 'libc.so'],
      [`/usr/share/gdb/auto-load${app}`, 'app'],
      ['/usr/share/gdb/auto-load/opt/musl', 'libc.so'],
      ['/usr/lib/debug/opt/musl', 'libc.so'],
      ['/usr/share/gdb/python/gdb', 'app'],
    ] as const) {
      mkdirSync(join(root, directory), { recursive: true });
      plantScripts(join(root, directory), file);
    }
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    for (const name of ['gdb', 'node', 'sh', 'head', 'dpkg-query', 'rpm', 'zstd', 'journalctl'])
      cpSync(join(app, 'app'), join(root, 'usr/bin', name));
    const before = readdirSync(root, { recursive: true }).map(String);
    const collecting = await startCollecting(t, ['--mode', mode]);
    const pid = container.crash('libc', { env: environmentOf('/') });
    assertUntouched(await collecting.published(pid), ['strlen', 'in_libc', 'measure_with', 'main']);
    assert.deepEqual(madeIn(root, before), []);
  });
}
