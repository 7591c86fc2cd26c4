import { existsSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import {
  corePatternBeside,
  corePatternFor,
  isOurPattern,
  markedCorePattern,
} from '../protocol/core-pattern.ts';
import { pipeLimit } from './pipe-limit.ts';
import { handOnSaved, readSaved, save, savedFile, savedValues } from './saved-core-pattern.ts';

/** The machine's core_pattern while it is ours. */
export interface OwnCorePattern {
  /** What is put back in the end. */
  readonly saved: CoreSysctls;
  /** What we have written last. */
  readonly current: string;
  /** The core_pipe_limit that goes with it. */
  readonly corePipeLimit: number;
  /** Directs crashes elsewhere, where nobody else has done so meanwhile. */
  change(pattern: string): void;
  /**
   * Writes ours over somebody else's, which are what is put back from now on.
   *
   * @returns False where it is not ours to write at this moment.
   * @throws {UsercrashError} E_CORE_PATTERN.
   */
  takeBack(): boolean;
  /** Puts the old values back. @returns False where somebody else has changed them since; then theirs stay. */
  restore(): boolean;
}

/** What core_pattern holds when it is not ours: what {@link takeCorePattern} will put back. */
export function corePatternBefore(runDir: string): CoreSysctls {
  return savedValues(runDir);
}

/**
 * Directs crashes to us, and remembers what was there before.
 *
 * @param pattern From {@link pipePattern} or socketPatternFor().
 * @param kept From keptPattern().
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export function takeCorePattern(pattern: string, runDir: string, kept: string | null): OwnCorePattern {
  assertSeenByKernel(pattern);
  let saved = savedValues(runDir);
  save(saved, runDir);
  const corePipeLimit = Math.max(saved.corePipeLimit, pipeLimit(kept));
  writeCoreSysctls({ corePattern: pattern, corePipeLimit });
  let own = pattern;
  return {
    get saved() {
      return saved;
    },
    get current() {
      return own;
    },
    corePipeLimit,
    takeBack() {
      const now = readCoreSysctls();
      if (!isOurPattern(now.corePattern, runDir)) saved = { ...saved, corePattern: now.corePattern };
      if (now.corePipeLimit !== corePipeLimit) saved = { ...saved, corePipeLimit: now.corePipeLimit };
      save(saved, runDir);
      writeCoreSysctls({ corePattern: own, corePipeLimit });
      return true;
    },
    change(next) {
      const now = readCoreSysctls();
      if (now.corePattern !== own) return;
      writeCoreSysctls({ ...now, corePattern: next });
      own = next;
    },
    restore() {
      const now = readCoreSysctls();
      const isOurs = now.corePattern === own;
      // A collector before us that has ended meanwhile has changed it.
      const before = readSaved(runDir) ?? saved;
      // Of the two, what somebody else has changed since stays.
      if (isOurs)
        writeCoreSysctls(
          now.corePipeLimit === corePipeLimit ? before : { ...now, corePattern: before.corePattern },
        );
      else handOnSaved(before, runDir);
      rmSync(savedFile(runDir), { force: true });
      return isOurs;
    },
  };
}

/**
 * The kernel looks paths up where init is: in a chroot or a container of ours it would find something else, or nothing.
 *
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
function assertSeenByKernel(pattern: string): void {
  const path = pattern.replace(/^(?:\||@@)/, '').split(' ', 1)[0] ?? '';
  if (!existsSync('/proc/1/root/')) return; // Not ours to look at: then the kernel has the word.
  const [here, there] = [path, `/proc/1/root${path}`].map((name) =>
    statSync(name, { throwIfNoEntry: false }),
  );
  if (here === undefined || (here.ino === there?.ino && here.dev === there.dev)) return;
  throw new UsercrashError(
    'E_CORE_PATTERN',
    `${path} is another file, or none, where the kernel looks it up: core_pattern belongs to the machine, and may not be set from a container`,
    { fix: 'Run the server on the machine itself.' },
  );
}

/**
 * The pattern that starts `client` for every crash.
 *
 * @param client Absolute path of the program. Where the pattern would be over 127 bytes, a link to it in the run
 *   directory stands for it: a link works also where /run is mounted noexec.
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export function pipePattern(client: string, runDir: string): string {
  return withRoom(client, runDir, (program) => corePatternFor(program, runDir));
}

/** The same for a client that serves the default handler of the run settings: see markedCorePattern(). */
export function markedPipePattern(kind: 'file' | 'program', client: string, runDir: string): string {
  return withRoom(client, runDir, (program) => markedCorePattern(kind, program, runDir));
}

function withRoom(client: string, runDir: string, patternFor: (program: string) => string): string {
  try {
    return patternFor(client);
  } catch (error) {
    if (!(error instanceof UsercrashError)) throw error;
    return patternFor(linkTo(client, join(runDir, 'h')));
  }
}

/**
 * The same for a client that becomes the handler which was there before us: see corePatternBeside().
 *
 * @param handler The core_pattern that named it.
 * @throws {UsercrashError} E_CORE_PATTERN where both do not fit.
 */
export function pipePatternBeside(handler: string, client: string, runDir: string): string {
  return corePatternBeside(handler, linkTo(client, join(runDir, 'h')), runDir);
}

function linkTo(program: string, link: string): string {
  rmSync(link, { force: true });
  symlinkSync(program, link);
  return link;
}
