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
export const SPECIFIERS = ['%P', '%I', '%p', '%i', '%u', '%g', '%d', '%s', '%t', '%c', '%F'] as const;

/**
 * What is there where a default handler's words follow: the rest has to come from /proc. A handler's first word is an absolute
 * path, which nothing in the other row can be.
 */
export const COMPACT_SPECIFIERS = ['%P', '%I', '%d', '%s', '%F'] as const;

/**
 * Behind the specifiers where a default handler stands in the run settings: `f` for a file, which a small RLIMIT_CORE forbids, `p`
 * for a program that has no room here. The handover program knows them too.
 */
export const HANDLER_MARKS = { file: 'f', program: 'p' } as const;

/** Below it the kernel writes no core into a file: ELF_EXEC_PAGESIZE (fs/coredump.c, binfmt->min_coredump). */
export const MIN_CORE_LIMIT_BYTES = 4096n;

/** Ids, signals and descriptors have 32 bits. */
const MAX_ID = 2 ** 32 - 1;

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
  /** The pidfd's number, or null where the kernel gives none. */
  pidfd: number | null;
  /** Who gets the core as well; null where nobody does. */
  defaultHandler: DefaultHandler | null;
}

/** The words of a handler, its program first; or what the run settings name: a file, which RLIMIT_CORE allows, or a program. */
export type DefaultHandler = readonly string[] | keyof typeof HANDLER_MARKS;

/** What a default handler leaves no room for; /proc and the clock have it. */
type LeftOut = 'namespacePid' | 'namespaceTid' | 'uid' | 'gid' | 'time';

/** The same as the words say it: null what they do not say. */
export type KernelWords = Omit<KernelArguments, LeftOut> & Record<LeftOut, number | null>;

/**
 * Reads the client's arguments.
 *
 * @param words What follows the program: as many as our patterns have (core-pattern.ts).
 * @throws {UsercrashError} E_KERNEL_ARGUMENTS where it was not the kernel that called.
 */
export function parseKernelArguments(words: readonly string[]): KernelWords {
  const [runDir = '', ...values] = words;
  const ownWords = COMPACT_SPECIFIERS.length;
  const isCompact = values[ownWords]?.startsWith('/') ?? false;
  const mark = values[SPECIFIERS.length];
  const isMarked =
    values.length === SPECIFIERS.length + 1 &&
    (mark === HANDLER_MARKS.file || mark === HANDLER_MARKS.program);
  if (!runDir.startsWith('/') || (!isCompact && !isMarked && values.length !== SPECIFIERS.length)) {
    throw new UsercrashError(
      'E_KERNEL_ARGUMENTS',
      `Expected a run directory and ${SPECIFIERS.join(' ')}, got ${words.length} arguments`,
    );
  }
  const specifiers: readonly string[] = isCompact ? COMPACT_SPECIFIERS : SPECIFIERS;
  const textOf = (specifier: Specifier) => values[specifiers.indexOf(specifier)] ?? '';
  const number = (specifier: Specifier) => {
    const text = textOf(specifier);
    const limit = specifier === '%t' ? Number.MAX_SAFE_INTEGER : MAX_ID;
    if (!/^[0-9]{1,15}$/.test(text) || Number(text) > limit) {
      throw new UsercrashError(
        'E_KERNEL_ARGUMENTS',
        `${specifier} is ${JSON.stringify(text)}, not a number that the kernel writes there`,
      );
    }
    return Number(text);
  };
  const allowsFile = () => /^[0-9]{4,20}$/.test(textOf('%c')) && BigInt(textOf('%c')) >= MIN_CORE_LIMIT_BYTES;
  const ifTold = (specifier: Specifier) => (isCompact ? null : number(specifier));
  return {
    runDir,
    pid: number('%P'),
    tid: number('%I'),
    namespacePid: ifTold('%p'),
    namespaceTid: ifTold('%i'),
    uid: ifTold('%u'),
    gid: ifTold('%g'),
    dumpable: number('%d'),
    signal: number('%s'),
    time: ifTold('%t'),
    pidfd: textOf('%F') === '' ? null : number('%F'),
    defaultHandler: isCompact
      ? values.slice(ownWords)
      : mark === HANDLER_MARKS.program
        ? 'program'
        : mark === HANDLER_MARKS.file && allowsFile()
          ? 'file'
          : null,
  };
}

/** The words that {@link parseKernelArguments} reads. @param coreLimit RLIMIT_CORE in bytes. */
export function kernelArgumentWords(kernel: KernelArguments, coreLimit: bigint): string[] {
  const { runDir, pid, tid, namespacePid, namespaceTid, uid, gid, dumpable, signal, time, pidfd } = kernel;
  const numbers = [pid, tid, namespacePid, namespaceTid, uid, gid, dumpable, signal, time, coreLimit];
  return [runDir, ...numbers.map(String), pidfd === null ? '' : `${pidfd}`];
}

type Specifier = (typeof SPECIFIERS)[number];
