/** Locals are compared in so many frames of every thread. */
export const FRAMES_WITH_LOCALS = 8;
/** Frames are compared up to here: of a deeper recursion a small core holds both ends only. */
export const INNERMOST_FRAMES = 256;
/**
 * Lines behind a frame that say nothing: a small core may leave a thread's vector registers out, and gdb 13 wonders at
 * their size where it does not know all of them (AMX).
 */
const SAYS_NOTHING =
  /^$|^No (?:locals|symbol table info available)\.$|^warning: (?:Section|Unexpected size of section) `\.reg-xstate/;

/** Something that gdb shows differently. */
export interface Difference {
  /** gdb's number: 1 is the one that died. */
  thread: number;
  level: number;
  /** Empty for a printed expression. */
  function: string;
  /**
   * The local variable or the expression; `frame` for function, arguments or line; `title` for the thread itself; `end`
   * for where and why its backtrace ends.
   */
  what: string;
  small: string;
  full: string;
}

export interface Comparison {
  threads: number;
  frames: number;
  locals: number;
  differences: Difference[];
}

interface PlainFrame {
  level: number;
  /** Everything behind the number: address, function, arguments, place. */
  head: string;
  /** By name; the second of a name is `name (2)`. */
  locals: Map<string, string>;
}

interface PlainThread {
  number: number;
  title: string;
  frames: PlainFrame[];
  /** What gdb says behind the last frame. */
  end: string;
}

/** Compares what gdb prints by {@link comparedCommands} for the small core and for the full one: what either has. */
export function compareBacktraces(small: string, full: string): Comparison {
  const actual = outputOf(small);
  const expected = outputOf(full);
  const comparison: Comparison = { threads: expected.threads.size, frames: 0, locals: 0, differences: [] };
  for (const [one, other] of pairs(actual.threads, expected.threads)) compareThread(one, other, comparison);
  const place = { thread: 1, level: 0, function: '' };
  compareValues([actual.prints, expected.prints], place, comparison);
  return comparison;
}

/** Before each printed expression. */
const PRINT_MARK = '\n@@ ';

/** gdb's commands for what is compared. */
export function comparedCommands(prints: readonly string[]): string[] {
  return [
    `thread apply all bt -full ${INNERMOST_FRAMES}`,
    ...prints.flatMap((expression) => [`echo \\n@@ ${expression}\\n`, `output ${expression}`]),
    // What fails last would be gdb's exit code.
    'echo \\n',
  ];
}

function compareThread(
  actual: PlainThread | undefined,
  expected: PlainThread | undefined,
  comparison: Comparison,
): void {
  const thread = (expected ?? actual)?.number ?? 0;
  const last = { thread, level: 0, function: '' };
  const count = Math.max(actual?.frames.length ?? 0, expected?.frames.length ?? 0);
  for (let index = 0; index < count; index += 1) {
    const one = actual?.frames[index];
    const other = expected?.frames[index];
    const head = (other ?? one)?.head ?? '';
    const place = { thread, level: index, function: functionOf(head) };
    Object.assign(last, place);
    if (other !== undefined) comparison.frames += 1;
    compare([one?.head ?? 'no frame', other?.head ?? 'no frame'], { ...place, what: 'frame' }, comparison);
    if (index >= FRAMES_WITH_LOCALS) continue;
    compareValues([one?.locals ?? new Map(), other?.locals ?? new Map()], place, comparison);
  }
  const ends = [actual, expected].map((one) => `${one?.frames.length ?? 0} frames ${one?.end ?? ''}`);
  compare(
    [actual?.title ?? 'no thread', expected?.title ?? 'no thread'],
    { ...last, what: 'title' },
    comparison,
  );
  compare([ends[0] ?? '', ends[1] ?? ''], { ...last, what: 'end' }, comparison);
}

function compareValues(
  [actual, expected]: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>],
  place: Omit<Difference, 'what' | 'small' | 'full'>,
  comparison: Comparison,
): void {
  comparison.locals += expected.size;
  for (const [one, other, what] of pairs(actual, expected)) {
    compare([one ?? 'not there', other ?? 'not there'], { ...place, what }, comparison);
  }
}

function compare(
  [small, full]: readonly [string, string],
  place: Omit<Difference, 'small' | 'full'>,
  { differences }: Comparison,
): void {
  if (small !== full) differences.push({ ...place, small, full });
}

/** What two maps have under the same key, each key of either once. */
function* pairs<Key, Value>(
  one: ReadonlyMap<Key, Value>,
  other: ReadonlyMap<Key, Value>,
): Generator<[Value | undefined, Value | undefined, Key]> {
  for (const key of new Set([...other.keys(), ...one.keys()])) yield [one.get(key), other.get(key), key];
}

/** `0x... in name (args) at file:line` -> `name`. */
function functionOf(head: string): string {
  return /^(?:0x[0-9a-f]+ in )?(.*?)(?: \(|$)/.exec(head)?.[1] ?? head;
}

interface PlainOutput {
  threads: Map<number, PlainThread>;
  /** By expression. */
  prints: Map<string, string>;
}

function outputOf(text: string): PlainOutput {
  const [backtraces = '', ...printed] = text.split(PRINT_MARK);
  const prints = new Map<string, string>();
  for (const print of printed) {
    const end = print.indexOf('\n');
    prints.set(print.slice(0, end), print.slice(end + 1).trim());
  }
  return { threads: threadsIn(backtraces), prints };
}

function threadsIn(text: string): Map<number, PlainThread> {
  const threads = new Map<number, PlainThread>();
  let thread: PlainThread = { number: 0, title: '', frames: [], end: '' };
  for (const line of text.split('\n')) {
    const [, number, tid] = /^Thread (\d+) \(.*\bLWP (\d+)\)/.exec(line) ?? [];
    if (number !== undefined) {
      thread = { number: Number(number), title: line, frames: [], end: '' };
      threads.set(Number(tid), thread);
    } else addLine(thread, line);
  }
  return threads;
}

function addLine(thread: PlainThread, line: string): void {
  const frame = /^#(\d+) +(.*)$/.exec(line);
  const locals = thread.frames.at(-1)?.locals;
  const local = /^ {8}(\S+) = (.*)$/.exec(line);
  if (frame !== null) {
    thread.frames.push({ level: Number(frame[1]), head: frame[2] ?? '', locals: new Map() });
  } else if (SAYS_NOTHING.test(line)) {
    return;
  } else if (local !== null && locals !== undefined) {
    const [, name = '', value = ''] = local;
    let key = name;
    for (let count = 2; locals.has(key); count += 1) key = `${name} (${count})`;
    locals.set(key, value);
  } else if (line.startsWith('    ') && locals !== undefined) {
    const [last = ''] = [...locals.keys()].slice(-1);
    locals.set(last, `${locals.get(last) ?? ''}\n${line}`);
  } else {
    thread.end += line;
  }
}
