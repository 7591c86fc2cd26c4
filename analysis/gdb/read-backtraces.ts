import type { Frame, Variable } from '../../report/record.ts';
import type { GdbReply, GdbSession } from './gdb-session.ts';
import { addressIn, type MiTuple, numberIn, textIn, tuplesIn } from './parse-mi.ts';

/** A frame as gdb tells it; where its pc lies is not gdb's to say. */
export type GdbFrame = Omit<Frame, 'module' | 'moduleOffset'>;

/** One thread's frames, innermost first; where they are {@link INNERMOST_FRAMES}, there may be more. */
export interface Backtrace {
  frames: GdbFrame[];
}

/** Frames at the inner and the outer end of a deep recursion: what led into it and what it was doing. */
export const INNERMOST_FRAMES = 256;
export const OUTERMOST_FRAMES = 64;
/**
 * Frames counted of a deep recursion. A stack of 8 MiB holds 87,000 frames of a small function, which gdb counts in
 * 1 to 3 s.
 */
export const MAX_DEPTH = 100_000;

/** Longest value kept; `print elements` bounds arrays and strings, but not structures of many members. */
const MAX_VALUE = 4096;
const MAX_NAME = 4096;
/** Variables kept of one frame. */
const MAX_VARIABLES = 200;

/** mi_print_frame's name for the trampoline that the kernel returns through: gdb/stack.c, SIGTRAMP_FRAME. */
const SIGNAL_FRAME = '<signal handler called>';

/**
 * Reads the innermost frames of one thread, with the arguments of all. All commands go out at once; call it for all
 * threads without awaiting, gdb then never waits for us.
 *
 * @param thread gdb's own number of it.
 * @param framesWithLocals So many frames carry locals, too; those of all others are null.
 * @returns The backtrace; a reason where there is not one frame.
 */
export async function readBacktrace(
  gdb: GdbSession,
  thread: number,
  framesWithLocals: number,
): Promise<{ ok: true; backtrace: Backtrace } | { ok: false; reason: string }> {
  const last = INNERMOST_FRAMES - 1;
  // Grouped by thread: each change of thread makes gdb unwind anew.
  const stack = gdb.send(`-stack-list-frames --thread ${thread} 0 ${last}`);
  // Selecting the frame also lets printers find its types: without it std::map shows no elements (gdb 13.1).
  const variables = Array.from({ length: framesWithLocals }, (_, level) =>
    readValues(gdb, (values) => `-stack-list-variables --thread ${thread} --frame ${level} ${values}`),
  );
  const rest = readValues(
    gdb,
    (values) => `-stack-list-arguments --thread ${thread} ${values} ${framesWithLocals} ${last}`,
  );
  const listed = await stack;
  if (!listed.ok) return listed;
  const frames = tuplesIn(listed.results, 'stack').map(frameIn);
  for (const [level, reply] of variables.entries()) addVariables(frames[level], await reply);
  addArguments(frames, await rest);
  return { ok: true, backtrace: { frames } };
}

/**
 * How many frames a thread has. It unwinds all of them, 100,000 in some 3 s: everything else should have been read before.
 *
 * @returns Null where gdb does not say; {@link MAX_DEPTH} where there are as many or more.
 */
export async function readDepth(gdb: GdbSession, thread: number): Promise<number | null> {
  const counted = await gdb.send(`-stack-info-depth --thread ${thread} ${MAX_DEPTH}`);
  return counted.ok ? numberIn(counted.results, 'depth') : null;
}

/** Frames `from` to `to` of a thread, with their arguments; none where gdb gives none. */
export async function readFrames(
  gdb: GdbSession,
  thread: number,
  { from, to }: { from: number; to: number },
): Promise<GdbFrame[]> {
  const range = `${from} ${to}`;
  const stack = gdb.send(`-stack-list-frames --thread ${thread} ${range}`);
  const rest = readValues(gdb, (values) => `-stack-list-arguments --thread ${thread} ${values} ${range}`);
  const listed = await stack;
  const frames = listed.ok ? tuplesIn(listed.results, 'stack').map(frameIn) : [];
  addArguments(frames, await rest);
  return frames;
}

/**
 * All values; where gdb fails on one of them, which costs the whole answer (see MAINTENANCE in open-core.ts), those of
 * simple types and the names of all.
 */
async function readValues(gdb: GdbSession, command: (values: string) => string): Promise<GdbReply> {
  const reply = await gdb.send(command('--all-values'));
  return reply.ok || gdb.failure !== null ? reply : gdb.send(command('--simple-values'));
}

function frameIn(tuple: MiTuple, index: number): GdbFrame {
  const name = textIn(tuple, 'func');
  const pc = addressIn(tuple, 'addr');
  const file = textIn(tuple, 'file');
  return {
    level: numberIn(tuple, 'level') ?? index,
    pc: pc === null ? null : pc.toString(16).padStart(16, '0'),
    // gdb's own word for a frame without a symbol.
    function: name === null || name === '??' ? null : name.slice(0, MAX_NAME),
    file: file?.slice(0, MAX_NAME) ?? null,
    line: numberIn(tuple, 'line'),
    arguments: null,
    locals: null,
    signalHandler: name === SIGNAL_FRAME,
  };
}

function addArguments(frames: GdbFrame[], reply: GdbReply): void {
  if (!reply.ok) return;
  const byLevel = new Map(frames.map((frame) => [frame.level, frame]));
  for (const tuple of tuplesIn(reply.results, 'stack-args')) {
    const frame = byLevel.get(numberIn(tuple, 'level') ?? -1);
    if (frame !== undefined)
      frame.arguments = tuplesIn(tuple, 'args').slice(0, MAX_VARIABLES).map(variableIn);
  }
}

function addVariables(frame: GdbFrame | undefined, reply: GdbReply): void {
  if (frame === undefined || !reply.ok) return;
  const variables = tuplesIn(reply.results, 'variables');
  const isArgument = (variable: MiTuple) => textIn(variable, 'arg') === '1';
  frame.arguments = variables.filter(isArgument).slice(0, MAX_VARIABLES).map(variableIn);
  frame.locals = variables
    .filter((variable) => !isArgument(variable))
    .slice(0, MAX_VARIABLES)
    .map(variableIn);
}

function variableIn(tuple: MiTuple): Variable {
  const value = textIn(tuple, 'value');
  const isLong = value !== null && value.length > MAX_VALUE;
  return {
    name: (textIn(tuple, 'name') ?? '').slice(0, MAX_NAME),
    value: isLong ? `${value.slice(0, MAX_VALUE)}...` : value,
  };
}
