/** What the specifiers of core(5) stand for; the bytes are the process's own choice. */
export interface CorePatternFacts {
  /** By the specifier's letter, %P and so on, in decimal; one that is not there expands to nothing, as in the kernel. */
  numbers: Readonly<
    Partial<Record<'p' | 'P' | 'i' | 'I' | 'u' | 'g' | 'd' | 's' | 't' | 'c' | 'C' | 'F', string>>
  >;
  /** %e, without the newline of /proc. */
  comm: Buffer;
  /** %h, in the process's own UTS namespace. */
  hostName: Buffer;
  /** %E and %f: the executable's path as the process itself sees it; null where it has none. */
  executable: Buffer | null;
  /** kernel.core_uses_pid: a file's name without %p gets it appended. */
  usesPid: boolean;
}

const PERCENT = 0x25;
const PIPE = 0x7c;
const SLASH = 0x2f;
const DOT = 0x2e;
const EXCLAMATION = 0x21;
/** The kernel's isspace() (lib/ctype.c): it counts the no-break space of Latin-1 too. */
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0xa0]);

/**
 * Expands a core_pattern as the kernel does (fs/coredump.c, coredump_parse()).
 *
 * @param pattern Of a file, or of a handler with its `|`.
 * @returns A file's name, alone and of any bytes; or a handler's words, split before they are expanded.
 */
export function expandCorePattern(pattern: Buffer, facts: CorePatternFacts): Buffer[] {
  const isPipe = pattern[0] === PIPE;
  const words: number[][] = [[]];
  let hasPid = false;
  let isBetween = false;
  let at = isPipe ? 1 : 0;
  while (at < pattern.length) {
    const byte = pattern[at] ?? 0;
    if (isPipe && SPACES.has(byte)) {
      isBetween = words.some((word) => word.length > 0);
      at += 1;
      continue;
    }
    if (isBetween) words.push([]);
    isBetween = false;
    const word = words.at(-1) ?? [];
    at += 1;
    if (byte !== PERCENT) {
      word.push(byte);
      continue;
    }
    // One at the end stands for nothing.
    if (at === pattern.length) break;
    const letter = String.fromCharCode(pattern[at] ?? 0);
    at += 1;
    if (letter === 'p') hasPid = true;
    word.push(...expanded(letter, isPipe, facts));
  }
  if (!isPipe && !hasPid && facts.usesPid) words[0]?.push(...Buffer.from(`.${facts.numbers.p ?? ''}`));
  return words.map((word) => Buffer.from(word));
}

function expanded(letter: string, isPipe: boolean, facts: CorePatternFacts): Buffer {
  const { comm, hostName, executable, numbers } = facts;
  switch (letter) {
    case '%':
      return Buffer.from('%');
    case 'h':
      return component(hostName);
    case 'e':
      return component(comm);
    case 'f':
    case 'E': {
      if (executable === null) return component(Buffer.concat([comm, Buffer.from(' (path unknown)')]));
      const name = executable.subarray(executable.lastIndexOf(SLASH) + 1);
      return component(letter === 'f' ? name : executable);
    }
    case 'F':
      return Buffer.from(isPipe ? (numbers.F ?? '') : '');
    default:
      return Buffer.from(isNumber(letter) ? (numbers[letter] ?? '') : '');
  }
}

function isNumber(letter: string): letter is keyof CorePatternFacts['numbers'] {
  return 'pPiIugdstcC'.includes(letter);
}

/** What cannot lead to another directory: without `/`, not `.`, not `..`, not empty (cn_esc_printf()). */
function component(bytes: Buffer): Buffer {
  const escaped = Buffer.from(bytes);
  if (escaped.length === 0) return Buffer.from('!');
  const isDots = escaped.length <= 2 && escaped.every((byte) => byte === DOT);
  if (isDots) escaped[0] = EXCLAMATION;
  for (const [index, byte] of escaped.entries()) if (byte === SLASH) escaped[index] = EXCLAMATION;
  return escaped;
}
