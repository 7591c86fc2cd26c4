import { UsercrashError } from '../errors/usercrash-error.ts';

/**
 * What the kernel hands to a pipe client: core_pattern's words after the program. The kernel gives a helper an empty
 * environment, so the run directory is the first; the rest are specifiers of core(5), each one word whatever it
 * expands to, because the kernel splits before it expands.
 *
 * - %P %I: pid and tid in the initial namespace: the only ones that name the right /proc entry.
 * - %p %i: the same as the process saw itself.
 * - %u %g: real uid and gid. %d: dumpable, 0 to 2. %s: signal. %t: seconds since the epoch. %c: RLIMIT_CORE.
 * - %F: a pidfd (kernel >= 6.16); empty before. Last, because it may be.
 */
const SPECIFIERS = ['%P', '%I', '%p', '%i', '%u', '%g', '%d', '%s', '%t', '%c', '%F'] as const;

/** CORENAME_MAX_SIZE (fs/coredump.c) is 128 with the closing zero byte: the kernel cuts the rest off silently. */
const MAX_PATTERN_BYTES = 127;

/** Room for what they expand to: a path of at most 127 bytes and ten numbers, by far. */
export const MAX_KERNEL_ARGUMENTS_BYTES = 4096;

/** The crash as the kernel tells it. */
export interface KernelArguments {
  runDir: string;
  pid: number;
  tid: number;
  namespacePid: number;
  namespaceTid: number;
  uid: number;
  gid: number;
  dumpable: number;
  signal: number;
  /** Seconds since the epoch. */
  time: number;
  /** RLIMIT_CORE in bytes; may be near 2^64. */
  coreLimit: bigint;
  /** The pidfd's number, or null where the kernel gives none. */
  pidfd: number | null;
}

/**
 * The value for kernel.core_pattern that starts `program` for every crash.
 *
 * @param program Absolute path of an executable file.
 * @param runDir Absolute.
 * @throws {UsercrashError} E_CORE_PATTERN where it is over 127 bytes or a path holds what the kernel would interpret.
 */
export function corePatternFor(program: string, runDir: string): string {
  for (const path of [program, runDir]) {
    if (!path.startsWith('/') || /[\s%\0]/.test(path)) {
      throw new UsercrashError(
        'E_CORE_PATTERN',
        `${JSON.stringify(path)} cannot stand in core_pattern: it must be absolute, without spaces and per cent signs`,
      );
    }
  }
  const pattern = `|${program} ${runDir} ${SPECIFIERS.join(' ')}`;
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

/** Whether a core_pattern is one of ours for this run directory, whatever program it names. */
export function isOurPattern(pattern: string, runDir: string): boolean {
  const isPipe = pattern.startsWith('|') && pattern.trimEnd().endsWith(` ${runDir} ${SPECIFIERS.join(' ')}`);
  return isPipe || isSocketPattern(pattern, runDir);
}

/**
 * Reads the client's arguments.
 *
 * @param words What follows the program: as many as the pattern of {@link corePatternFor} has.
 * @throws {UsercrashError} E_KERNEL_ARGUMENTS where it was not the kernel that called.
 */
export function parseKernelArguments(words: readonly string[]): KernelArguments {
  const [runDir = '', ...values] = words;
  if (values.length !== SPECIFIERS.length || !runDir.startsWith('/')) {
    throw new UsercrashError(
      'E_KERNEL_ARGUMENTS',
      `Expected a run directory and ${SPECIFIERS.join(' ')}, got ${words.length} arguments`,
    );
  }
  const number = (index: number) => {
    const text = values[index] ?? '';
    if (!/^[0-9]{1,15}$/.test(text)) {
      throw new UsercrashError(
        'E_KERNEL_ARGUMENTS',
        `${SPECIFIERS[index]} is ${JSON.stringify(text)}, no number`,
      );
    }
    return Number(text);
  };
  return {
    runDir,
    pid: number(0),
    tid: number(1),
    namespacePid: number(2),
    namespaceTid: number(3),
    uid: number(4),
    gid: number(5),
    dumpable: number(6),
    signal: number(7),
    time: number(8),
    coreLimit: BigInt(/^[0-9]+$/.test(values[9] ?? '') ? (values[9] ?? 0) : 0),
    pidfd: values[10] === '' ? null : number(10),
  };
}
