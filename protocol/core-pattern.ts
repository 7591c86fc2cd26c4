import { dirname } from 'node:path';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { COMPACT_SPECIFIERS, HANDLER_MARKS, SPECIFIERS } from './kernel-arguments.ts';

/** CORENAME_MAX_SIZE (fs/coredump.c) is 128 with the closing zero byte: the kernel cuts the rest off silently. */
const MAX_PATTERN_BYTES = 127;

/**
 * The value for kernel.core_pattern that starts `program` for every crash.
 *
 * @param program Absolute path of an executable file.
 * @param runDir Absolute.
 * @throws {UsercrashError} E_CORE_PATTERN where it is over 127 bytes or a path holds what the kernel would interpret.
 */
export function corePatternFor(program: string, runDir: string): string {
  return checkedPattern([program, runDir], `|${program} ${runDir} ${SPECIFIERS.join(' ')}`);
}

/**
 * The same where what core_pattern held stands in the run settings: a file, or a handler that has no room beside us. `program` sees
 * to it.
 */
export function markedCorePattern(kind: keyof typeof HANDLER_MARKS, program: string, runDir: string): string {
  return checkedPattern([program, runDir], `${corePatternFor(program, runDir)} ${HANDLER_MARKS[kind]}`);
}

/**
 * The same with a handler that gets its crashes all the same: `program` becomes it in the end, with its words as the kernel
 * itself expands them. Ours are fewer, to leave it room.
 *
 * @param handler The core_pattern that named it, with its `|`.
 * @throws {UsercrashError} E_CORE_PATTERN as above.
 */
export function corePatternBeside(handler: string, program: string, runDir: string): string {
  const own = `|${program} ${runDir} ${COMPACT_SPECIFIERS.join(' ')}`;
  return checkedPattern([program, runDir], `${own} ${handler.replace(/^\|\s*/, '').trimEnd()}`);
}

/** The handler of a {@link corePatternBeside}, with its `|`; null where it is another pattern. */
export function handlerBeside(pattern: string): string | null {
  const words = pattern.split(' ').slice(2 + COMPACT_SPECIFIERS.length);
  return words[0]?.startsWith('/') ? `|${words.join(' ')}` : null;
}

function checkedPattern(paths: readonly string[], pattern: string): string {
  for (const path of paths) {
    if (!path.startsWith('/') || /[\s%\0]/.test(path)) {
      throw new UsercrashError(
        'E_CORE_PATTERN',
        `${JSON.stringify(path)} cannot stand in core_pattern: it must be absolute, without spaces and per cent signs`,
      );
    }
  }
  const bytes = Buffer.byteLength(pattern);
  if (bytes > MAX_PATTERN_BYTES) {
    throw new UsercrashError(
      'E_CORE_PATTERN',
      `core_pattern would be ${bytes} bytes, the kernel takes ${MAX_PATTERN_BYTES}: ${pattern}`,
      { fix: 'Choose a shorter USERCRASH_RUN_DIR.' },
    );
  }
  return pattern;
}

/** Name, in the run directory, of the socket that the kernel connects to. */
export const COREDUMP_SOCKET = 'coredump.sock';

/**
 * The value for kernel.core_pattern that makes the kernel connect for every crash (kernel >= 6.17).
 *
 * @param runDir Absolute.
 * @throws {UsercrashError} E_CORE_PATTERN where the kernel would not take it (fs/coredump.c, coredump_parse()).
 */
export function socketPatternFor(runDir: string): string {
  const path = `${runDir}/${COREDUMP_SOCKET}`;
  if (
    !path.startsWith('/') ||
    /[\s%\0]|\.\.|\/\//.test(path) ||
    Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES
  ) {
    throw new UsercrashError(
      'E_CORE_PATTERN',
      `${JSON.stringify(path)} cannot stand in core_pattern: a socket's path is absolute, at most ${MAX_SOCKET_PATH_BYTES} bytes, without spaces, per cent signs and ".."`,
      { fix: 'Choose a shorter USERCRASH_RUN_DIR.' },
    );
  }
  return `@@${path}`;
}

/** sizeof(sun_path) is 108 with the closing zero byte: unix(7). */
const MAX_SOCKET_PATH_BYTES = 107;

/** Whether a core_pattern is the one of {@link socketPatternFor}. */
export function isSocketPattern(pattern: string, runDir: string): boolean {
  return pattern.trimEnd() === `@@${runDir}/${COREDUMP_SOCKET}`;
}

/** The run directory of the collector whose core_pattern this is; null where it is none of ours. */
export function runDirOf(pattern: string): string | null {
  const path = pattern.startsWith('@@') ? dirname(pattern.slice(2).trimEnd()) : pattern.split(' ')[1];
  return path !== undefined && isOurPattern(pattern, path) ? path : null;
}

/** Whether a core_pattern is one of ours for this run directory, whatever program it names. */
export function isOurPattern(pattern: string, runDir: string): boolean {
  const words = pattern.trimEnd().split(' ');
  const isPipe = (specifiers: readonly string[]) =>
    words[0]?.startsWith('|/') &&
    words[1] === runDir &&
    words.slice(2, 2 + specifiers.length).join(' ') === specifiers.join(' ');
  return isPipe(SPECIFIERS) || isPipe(COMPACT_SPECIFIERS) || isSocketPattern(pattern, runDir);
}
