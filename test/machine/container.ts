import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A root directory with another C library than the machine's, and a program in it. */
export interface Container {
  root: string;
  /** The same in the container and on the machine, where other files have the names of those in the container. */
  app: string;
  /** What runs the program in it, and prints its pid outside. */
  command(how: string, options?: EnterOptions): { program: string; args: string[] };
  /** Runs it until it has crashed. @returns Its pid outside. */
  crash(how: string, options?: EnterOptions & { env?: NodeJS.ProcessEnv }): number;
}

/** See enter-container.c. */
interface EnterOptions {
  cgroup?: string;
  users?: string;
  /** Of the user inside; root by default. */
  id?: number;
}

/** Debian's musl, which knows nothing of glibc: test/run installs it. */
const MUSL = '/usr/lib/x86_64-linux-musl';
/** glibc's name for its linker: in the container it is a link to musl. */
const LINKER = '/lib64/ld-linux-x86-64.so.2';

const PROGRAM = `#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>
unsigned long measure_with(unsigned long (*measure)(const char *), const char *text);
static unsigned long in_libc(const char *text) { return strlen(text); }
static unsigned long in_program(const char *text) { return (unsigned long)*(volatile const char *)text; }
static unsigned long stay(const char *text) {
  puts(text);
  fflush(stdout);
  for (volatile int turn = 0;; turn++);
}
int main(int argc, char **argv) {
  (void)argc;
  if (strcmp(argv[1], "wait") == 0) return measure_with(stay, "ready");
  return measure_with(strcmp(argv[1], "libc") == 0 ? in_libc : in_program, (const char *)8);
}
`;
const LIBRARY =
  'unsigned long measure_with(unsigned long (*measure)(const char *), const char *text) { return 1 + measure(text); }\n';

/**
 * Makes one below /var/tmp. The machine has other files under all names that it has there.
 *
 * @param options `globals`: C that the program has besides.
 */
export function makeContainer(t: TestContext, { globals = '' } = {}): Container {
  const top = mkdtempSync('/var/tmp/uc-container-');
  t.after(() => rmSync(top, { recursive: true, force: true }));
  chmodSync(top, 0o755);
  const [root, app, lib] = [join(top, 'root'), join(top, 'app'), join(top, 'lib')];
  for (const directory of [app, lib, join(root, 'proc'), join(root, 'lib64'), join(root, 'opt/musl')])
    mkdirSync(directory, { recursive: true });
  const library = join(lib, 'libmeasure.so.1');
  compile(app, library, { 'library.c': LIBRARY }, ['-shared', '-fPIC', '-Wl,--build-id']);
  compile(app, join(app, 'app'), { 'app.c': `${PROGRAM}${globals}\n` }, [
    library,
    `-Wl,--dynamic-linker=${LINKER}`,
  ]);
  cpSync(app, join(root, app), { recursive: true });
  mkdirSync(join(root, lib), { recursive: true });
  mkdirSync(join(root, 'opt/measure'));
  copyFileSync(library, join(root, 'opt/measure/libmeasure.so.1.0'));
  // Absolute: outside of the container they lead to the machine's files.
  symlinkSync('/opt/measure/libmeasure.so.1.0', join(root, library));
  copyFileSync(join(MUSL, 'libc.so'), join(root, 'opt/musl/libc.so'));
  symlinkSync('/opt/musl/libc.so', join(root, LINKER));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/os-release'), 'PRETTY_NAME="Small \x1b[1m Linux"\n');
  // What a distribution makes of a library: its debug information lies apart, here in the container alone.
  const stripped = join(root, 'opt/measure/libmeasure.so.1.0');
  const debug = join(root, debugPathOf(stripped));
  mkdirSync(dirname(debug), { recursive: true });
  execFileSync('objcopy', ['--only-keep-debug', stripped, debug]);
  execFileSync('strip', [stripped]);
  for (const name of ['app.c', 'library.c']) writeFileSync(join(app, name), 'of the machine\n'.repeat(20));
  for (const path of [join(app, 'app'), library]) copyFileSync('/bin/true', path);
  const enter = join(top, 'enter-container');
  execFileSync('gcc', ['-static', '-o', enter, join(import.meta.dirname, 'enter-container.c')]);
  const command: Container['command'] = (how, { cgroup = '-', users = '-', id = 0 } = {}) => ({
    program: enter,
    args: [root, cgroup, users, String(id), join(app, 'app'), how],
  });
  return {
    root,
    app,
    command,
    crash(how, { env = {}, ...options } = {}) {
      const { program, args } = command(how, options);
      const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', env });
      if (status !== 0) throw new Error(`no container: ${stderr}`);
      return Number(stdout);
    },
  };
}

/** By its build-id, as readelf(1) knows it. */
function debugPathOf(file: string): string {
  const notes = execFileSync('readelf', ['-n', file], { encoding: 'utf8' });
  const id = /Build ID: ([0-9a-f]+)/.exec(notes)?.[1] ?? '';
  return `/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
}

function compile(
  directory: string,
  output: string,
  sources: { [name: string]: string },
  flags: string[],
): void {
  const paths = Object.entries(sources).map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  });
  execFileSync('musl-gcc', ['-g', '-O0', '-fno-builtin', ...paths, ...flags, '-o', output], {
    cwd: directory,
  });
}

/** A cgroup of this path for the time of a test. @returns Its cgroup.procs. */
export function makeCgroup(t: TestContext, path: string): string {
  const line = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'latin1'));
  const made: string[] = [];
  let directory = line?.[1] ?? '/sys/fs/cgroup';
  for (const level of path.split('/').slice(1)) {
    directory = join(directory, level);
    if (mkdirSync(directory, { recursive: true }) !== undefined) made.unshift(directory);
  }
  t.after(() => made.map((own) => rmdirSync(own)));
  return join(directory, 'cgroup.procs');
}
