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
/** Differences listed of one thread: what follows a frame that is missing says nothing new. */
const MAX_LISTED = 40;

/** Something that gdb shows differently. */
export interface Difference {
  tid: number;
  level: number;
  function: string;
  /** The local variable; `frame` for function, arguments or line; `end` for where and why the backtrace ends. */
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
  locals: { name: string; value: string }[];
}

interface PlainThread {
  title: string;
  frames: PlainFrame[];
  /** What gdb says behind the last frame. */
  end: string;
}

/** Compares what gdb prints by {@link comparedCommands} for the small core and for the full one. */
export function compareBacktraces(small: string, full: string): Comparison {
  const { threads: actual, prints: actualPrints } = outputOf(small);
  const { threads: expected, prints } = outputOf(full);
  const comparison: Comparison = { threads: expected.size, frames: 0, locals: 0, differences: [] };
  for (const [tid, thread] of expected) {
    const found = compareThread(actual.get(tid), thread, comparison);
    comparison.differences.push(...found.slice(0, MAX_LISTED).map((difference) => ({ tid, ...difference })));
  }
  for (const [expression, value] of prints) {
    const other = actualPrints.get(expression) ?? '';
    comparison.locals += 1;
    if (other === value) continue;
    const place = { tid: 0, level: 0, function: '', what: expression };
    comparison.differences.push({ ...place, small: other, full: value });
  }
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
  expected: PlainThread,
  counts: Comparison,
): Omit<Difference, 'tid'>[] {
  const differences: Omit<Difference, 'tid'>[] = [];
  const compare = (at: PlainFrame, what: string, small: string, full: string) => {
    if (small !== full)
      differences.push({ level: at.level, function: functionOf(at.head), what, small, full });
  };
  for (const [index, frame] of expected.frames.entries()) {
    const other = actual?.frames[index];
    counts.frames += 1;
    compare(frame, 'frame', other?.head ?? 'no frame', frame.head);
    if (frame.level >= FRAMES_WITH_LOCALS) continue;
    for (const [at, { name, value }] of frame.locals.entries()) {
      counts.locals += 1;
      const local = other?.locals[at];
      compare(frame, name, local?.name === name ? local.value : 'not there', value);
    }
  }
  const last = expected.frames.at(-1);
  if (last === undefined) return differences;
  compare(last, 'title', actual?.title ?? 'no thread', expected.title);
  compare(
    last,
    'end',
    `${actual?.frames.length} frames ${actual?.end}`,
    `${expected.frames.length} frames ${expected.end}`,
  );
  return differences;
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
  let thread: PlainThread = { title: '', frames: [], end: '' };
  for (const line of text.split('\n')) {
    const tid = /^Thread \d+ \(.*\bLWP (\d+)\)/.exec(line)?.[1];
    if (tid !== undefined) {
      thread = { title: line.replace(/^Thread \d+ /, ''), frames: [], end: '' };
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
    thread.frames.push({ level: Number(frame[1]), head: frame[2] ?? '', locals: [] });
  } else if (local !== null) {
    locals?.push({ name: local[1] ?? '', value: local[2] ?? '' });
  } else if (line.startsWith('    ')) {
    const last = locals?.at(-1);
    if (last !== undefined) last.value += `\n${line}`;
  } else if (!SAYS_NOTHING.test(line)) {
    thread.end += line;
  }
}
