import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { findProgram } from '../analysis/cage/find-program.ts';
import { buildSysroot, type Sysroot, type SysrootFile } from '../analysis/gdb/build-sysroot.ts';
import { chooseFiles } from '../analysis/gdb/choose-files.ts';
import { cxxPrinters, mayHoldCxx } from '../analysis/gdb/cxx-printers.ts';
import { fetchModules } from '../analysis/gdb/fetch-modules.ts';
import { SAFE_PYTHON, SAFE_SETTINGS } from '../analysis/gdb/safe-settings.ts';
import { shareFile } from '../analysis/gdb/share-file.ts';
import { makeSysrootPlace } from '../analysis/gdb/sysroot-place.ts';
import { reopenModules } from '../analysis/reopen-modules.ts';
import type { LoadedModule } from '../capture/captured.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import type { CommandContext } from './command-context.ts';
import { invokingUser, type User } from './invoking-user.ts';
import { moduleRoot } from './module-root.ts';

/** What gdb is to look at. */
export interface Debugged {
  /** Descriptor of the core, unpacked; of the user that gdb runs as. */
  core: number;
  /** Null where nothing is known of its modules. */
  record: CrashRecord | null;
  /** The program to start. */
  gdb: string;
  /** Directory with the file tree that the process saw; null for this machine's. */
  sysroot: string | null;
  /** What the person adds. */
  args: readonly string[];
}

/** gdb's first descriptor from us, behind stdin, stdout and stderr. */
const FIRST = 3;

/**
 * Runs gdb in the terminal, until it ends, on a core and on the files that its process had mapped: those whose build-ids agree,
 * as descriptors, so that gdb sees the very files that were looked at. Nothing of the crashed program runs.
 *
 * @param say Gets what a person should know about the files.
 * @returns gdb's exit code; 1 where a signal ended it.
 * @throws {UsercrashError} E_NO_GDB; the reason where SIGTERM or SIGHUP has ended it.
 */
export async function startGdb(
  debugged: Debugged,
  context: CommandContext,
  say: (text: string) => void,
): Promise<number> {
  const { core, record, gdb, args, sysroot } = debugged;
  const program = findProgram(gdb);
  if (program === null) {
    throw new UsercrashError('E_NO_GDB', `${gdb} is not installed`, { fix: 'sudo apt-get install gdb' });
  }
  const owned: number[] = [];
  const user = invokingUser(context);
  const place = makeSysrootPlace(user);
  try {
    const modules = record === null ? [] : await openModules(record, { sysroot, user, owned, say });
    const given = giveFiles(modules, { core, user, owned, say });
    const { rejected, absolute } = buildSysroot(given.files, place);
    for (const { name, reason } of rejected)
      say(`${textOfBytes(name)}: ${reason}, so its symbols are not used`);
    const commands = [...SAFE_SETTINGS, `sysroot ${absolute}`].map((setting) => `set ${setting}`);
    const printers = modules.length > 0 && mayHoldCxx(modules) ? cxxPrinters() : null;
    if (printers !== null) commands.push(printers);
    const own = ['-nx', '-q', ...commands.flatMap((command) => ['-iex', command])];
    const executable = given.executable === null ? null : nameOf(given.executable, { absolute, rejected });
    if (executable !== null) own.push(`--se=${executable}`);
    own.push(`--core=/proc/self/fd/${FIRST}`);
    return await ended(program, { args: [...own, ...args], descriptors: given.descriptors, user }, context);
  } finally {
    place.remove();
    for (const fd of owned) closeSync(fd);
  }
}

/** @param owned Gets what is to be closed at the end. */
async function openModules(
  record: CrashRecord,
  {
    sysroot,
    user,
    owned,
    say,
  }: { sysroot: string | null; user: User | null; owned: number[]; say: (text: string) => void },
): Promise<LoadedModule[]> {
  const root = moduleRoot(record, sysroot, { reader: user ?? ownIds(), say });
  if (root !== null) owned.push(root.fd);
  const { modules, opened, notes } = reopenModules(record, new Map(), root);
  owned.push(...opened);
  const fetched = await fetchModules(modules);
  for (const { fd, mayBlock } of fetched.modules) if (mayBlock && fd !== null) owned.push(fd);
  for (const note of [...notes, ...fetched.notes]) say(note);
  return fetched.modules;
}

/** Numbers of gdb's own descriptors for the core and for each file that it may have; which file is the executable. */
function giveFiles(
  modules: readonly LoadedModule[],
  {
    core,
    user,
    owned,
    say,
  }: { core: number; user: User | null; owned: number[]; say: (text: string) => void },
): { descriptors: number[]; files: SysrootFile[]; executable: SysrootFile | null } {
  const chosen = chooseFiles(modules);
  for (const note of chosen.notes) say(note);
  const own = ownIds();
  const descriptors = [core];
  const give = (fd: number, name: Buffer): SysrootFile | null => {
    const shared = shareFile(fd, user ?? own);
    if (shared === null) say(`${textOfBytes(name)}: it is too large to copy, so its symbols are not used`);
    if (shared === null) return null;
    if (shared !== fd) owned.push(shared);
    return { name, descriptor: FIRST + descriptors.push(shared) - 1 };
  };
  const program = modules.find(
    ({ fd, isExecutable }) => isExecutable && fd !== null && fd === chosen.executable,
  );
  const executable = program?.fd == null ? null : give(program.fd, program.path ?? program.name);
  const files = executable === null ? [] : [executable];
  for (const { name, fd } of chosen.libraries) {
    const file = give(fd, name);
    if (file === null) continue;
    // Under the linker's name, and under the one that the core's note of mapped files has.
    const path = modules.find((module) => module.fd === fd)?.path ?? name;
    files.push(file, ...(path.equals(name) ? [] : [{ ...file, name: path }]));
  }
  return { descriptors, files, executable };
}

function ownIds(): User {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

/** The executable by its own name below gdb's root, as far as that can be an argument. */
function nameOf(
  { name, descriptor }: SysrootFile,
  { absolute, rejected }: Pick<Sysroot, 'absolute' | 'rejected'>,
): string {
  const text = name.toString('utf8');
  const isPlain = Buffer.from(text).equals(name) && !rejected.some((other) => other.name.equals(name));
  return isPlain && isAbsolute(text) ? join(absolute, text) : `/proc/self/fd/${descriptor}`;
}

function ended(
  program: string,
  { args, descriptors, user }: { args: string[]; descriptors: number[]; user: User | null },
  { env, interrupted }: CommandContext,
): Promise<number> {
  interrupted.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      // Whoever asks for another user loses root's groups as well (libuv, uv__process_child_init()).
      ...(user ?? {}),
      stdio: ['inherit', 'inherit', 'inherit', ...descriptors],
      env: { ...env, ...SAFE_PYTHON },
    });
    // Ctrl-C is gdb's, which is in the terminal's foreground as well.
    let isEnded = false;
    const end = () => {
      isEnded = !messageOf(interrupted.reason).includes('SIGINT');
      if (isEnded) child.kill('SIGTERM');
    };
    interrupted.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      interrupted.removeEventListener('abort', end);
      if (isEnded) reject(interrupted.reason);
      else resolve(code ?? 1);
    });
  });
}
