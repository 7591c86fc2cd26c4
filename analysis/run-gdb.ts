import {
  type LoadedModule,
  MAX_TOLD_THREADS,
  type Registers,
  type ThreadNotes,
} from '../capture/captured.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import type { Record as CrashRecord, Frame, Mapping, Thread } from '../report/record.ts';
import { placeOfCrash } from '../report/signature.ts';
import { annotateStack } from './gdb/annotate-stack.ts';
import { type GdbLimits, type LaunchedGdb, launchGdb } from './gdb/launch-gdb.ts';
import { type GdbFrame, INNERMOST_FRAMES, readBacktrace, readOuterEnd } from './gdb/read-backtraces.ts';
import { readCode } from './gdb/read-code.ts';
import { readSource } from './gdb/read-source.ts';
import { AddressSpace } from './sections/address-space.ts';
import { CoreMemory } from './sections/core-memory.ts';
import { memoryWindows } from './sections/memory-windows.ts';
import { stackWords } from './sections/stack-words.ts';
import { type CapturedThreads, mainPointers, threadPlace } from './thread-place.ts';

/** What of a capture gdb's sections are made from. */
export interface GdbInputs {
  /** The small core (or a full one); null where there is none. */
  core: Buffer | null;
  /** Its threads, of which the first is the one that died. */
  head: CapturedThreads;
  /** Their descriptors stay the caller's. */
  modules: readonly LoadedModule[];
  /** /proc/PID/maps; may be empty. */
  mappings: readonly Mapping[];
  /** comm by tid, as in head.threads. */
  threadNames: ReadonlyMap<number, Buffer>;
}

/** The sections, each null where `missing` says why. */
export interface GdbSections
  extends Pick<CrashRecord, 'omittedThreads' | 'stack' | 'memory' | 'code' | 'source'> {
  /** Always all threads up to {@link MAX_TOLD_THREADS}; without gdb they have no frames. */
  threads: Thread[];
  /** Section name -> why it is not there; a section may be there in part and still have no reason here. */
  missing: Record<string, string>;
  /** What a reader should know, for the record's collection.notes. */
  notes: string[];
  gdb: { version: string | null; durationMs: number };
}

/**
 * Frames with locals: of the crashed thread, of each other one, and of each other one where there are many. An
 * uncaught C++ exception has 8 frames of the libraries before the first of the program. Below 1 ms a frame.
 */
const FRAMES_WITH_LOCALS = { crashed: 16, other: 8, many: 3 };
/** From so many threads on they are many. */
const MANY_THREADS = 64;
/**
 * Frames counted of a deep recursion. A stack of 8 MiB holds 87,000 frames of a small function, which gdb counts in
 * 1 to 3 s.
 */
const MAX_DEPTH = 100_000;
/** Deep threads counted, the crashed one first. */
const MAX_DEEP_THREADS = 4;

/** Bounds for an ordinary machine; a deadline that is reached costs what was not read yet, nothing else. */
export const DEFAULT_GDB_LIMITS: GdbLimits = {
  gdbPath: '/usr/bin/gdb',
  runAs: null,
  runMs: 20_000,
  commandMs: 8_000,
  memoryBytes: 1024 ** 3,
  outputBytes: 64 * 1024 ** 2,
};

/**
 * Makes everything of the record that needs gdb, by one run of it, and what shows memory, which does not need it.
 * Never rejects: what could not be made says why in `missing` or `notes`, and all else is there.
 */
export async function analyseWithGdb(
  inputs: GdbInputs,
  limits: GdbLimits = DEFAULT_GDB_LIMITS,
): Promise<GdbSections> {
  const started = performance.now();
  const addressSpace = new AddressSpace(inputs.modules, inputs.mappings);
  const memory = inputs.core === null ? null : new CoreMemory(inputs.core);
  const sections = withoutGdb(inputs, memory, addressSpace);
  if (inputs.core === null || memory === null) return unavailable(sections, 'no core could be taken');
  let gdb: LaunchedGdb;
  try {
    gdb = await launchGdb(inputs.core, inputs.modules, limits);
  } catch (error) {
    return unavailable(sections, `gdb could not be started: ${messageOf(error)}`);
  }
  try {
    sections.notes.push(...gdb.notes);
    if (gdb.threads === null) unavailable(sections, gdb.reason ?? 'gdb did not open the core');
    else await readSections(gdb, gdb.threads, { sections, memory, addressSpace, head: inputs.head });
  } finally {
    sections.gdb.version = gdb.session.version;
    await gdb.close();
  }
  sections.gdb.durationMs = Math.round(performance.now() - started);
  return sections;
}

function withoutGdb(inputs: GdbInputs, memory: CoreMemory | null, addressSpace: AddressSpace): GdbSections {
  const { threads } = inputs.head;
  const registers: Registers = threads[0]?.registers ?? new Map();
  const { sp } = threadPlace(registers, inputs.head);
  const sections: GdbSections = {
    threads: threads.slice(0, MAX_TOLD_THREADS).map((thread, index) => threadOf(thread, index, inputs)),
    omittedThreads: threads.length > MAX_TOLD_THREADS ? threads.length - MAX_TOLD_THREADS : null,
    stack: memory === null || sp === null ? null : stackWords(sp, memory, addressSpace),
    memory:
      memory === null ? null : memoryWindows(mainPointers(registers, inputs.head), memory, addressSpace),
    code: null,
    source: null,
    missing: {},
    notes: [],
    gdb: { version: null, durationMs: 0 },
  };
  if (memory === null) return sections;
  if (sections.stack === null || sections.stack.length === 0) {
    sections.stack = null;
    sections.missing['stack'] = 'the core holds no memory at the stack pointer';
  }
  if (sections.memory?.length === 0) {
    sections.memory = null;
    sections.missing['memory'] = 'no register points to memory that the core holds';
  }
  return sections;
}

function threadOf(thread: ThreadNotes, index: number, { threadNames, head }: GdbInputs): Thread {
  const name = threadNames.get(thread.tid);
  const { pc, sp } = threadPlace(thread.registers, head);
  return {
    tid: thread.tid,
    name: name === undefined ? null : textOfBytes(name),
    crashed: index === 0,
    pc: hexOrNull(pc),
    sp: hexOrNull(sp),
    frames: null,
    omittedFrames: null,
    omittedAfter: null,
  };
}

/** Gives every section that only gdb can make the same reason. */
function unavailable(sections: GdbSections, reason: string): GdbSections {
  for (const name of ['backtrace', 'code', 'source']) sections.missing[name] ??= reason;
  if (sections.stack === null) sections.missing['stack'] ??= reason;
  if (sections.memory === null) sections.missing['memory'] ??= reason;
  return sections;
}

interface Reading {
  sections: GdbSections;
  memory: CoreMemory;
  addressSpace: AddressSpace;
  head: GdbInputs['head'];
}

/** The crashed thread with all that belongs to it first: what is left when a deadline comes is the other threads. */
async function readSections(
  gdb: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  { sections, memory, addressSpace, head }: Reading,
): Promise<void> {
  const { session } = gdb;
  const [crashed, ...others] = sections.threads;
  const crashedId = crashed === undefined ? undefined : ids.get(crashed.tid);
  if (crashed === undefined || crashedId === undefined) {
    unavailable(sections, 'gdb does not know the thread that crashed');
  } else {
    const backtrace = readBacktrace(session, crashedId, FRAMES_WITH_LOCALS.crashed);
    const { pc } = threadPlace(head.threads[0]?.registers ?? new Map(), head);
    const code = pc === null ? null : readCode(session, pc);
    const words = annotateStack(session, sections.stack ?? [], memory, addressSpace);
    const read = await backtrace;
    if (read.ok) crashed.frames = placed(read.backtrace.frames, addressSpace);
    else sections.missing['backtrace'] = read.reason;
    const source = readSource(session, crashedId, crashed.frames ?? []);
    const readCodes = await code;
    if (readCodes?.ok === true) sections.code = readCodes.code;
    else sections.missing['code'] = readCodes?.reason ?? 'the program counter is not known';
    const annotated = await words;
    if (sections.stack !== null) sections.stack = annotated.words;
    if (annotated.reason !== null) sections.notes.push(`The stack has no symbols: ${annotated.reason}`);
    const readLines = await source;
    if (readLines.ok) sections.source = readLines.source;
    else sections.missing['source'] = withoutSymbols(crashed) ?? readLines.reason;
  }
  await readOthers(gdb, ids, { sections, memory, addressSpace, head }, others);
  await readOuterEnds(gdb, ids, sections, addressSpace);
}

/** Why there is no source where the program was built or stripped without debug symbols; null where it has them. */
function withoutSymbols(crashed: Thread): string | null {
  const place = placeOfCrash({ threads: [crashed] });
  if (place === null || place.module === null || place.line !== null) return null;
  return `${place.module} has no debug symbols`;
}

async function readOthers(
  { session }: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  { sections, addressSpace }: Reading,
  threads: readonly Thread[],
): Promise<void> {
  const isMany = threads.length >= MANY_THREADS;
  const framesWithLocals = isMany ? FRAMES_WITH_LOCALS.many : FRAMES_WITH_LOCALS.other;
  const reading = threads.map(async (thread) => {
    const id = ids.get(thread.tid);
    if (id === undefined) return 'gdb does not know the thread';
    const read = await readBacktrace(session, id, framesWithLocals);
    if (!read.ok) return read.reason;
    thread.frames = placed(read.backtrace.frames, addressSpace);
    return null;
  });
  const failures = (await Promise.all(reading)).filter((reason) => reason !== null);
  const [reason] = failures;
  if (reason !== undefined) {
    sections.notes.push(`${failures.length} of ${threads.length + 1} threads have no frames: ${reason}`);
  }
}

async function readOuterEnds(
  { session }: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  { threads, notes }: GdbSections,
  addressSpace: AddressSpace,
): Promise<void> {
  const deep = threads.filter(({ frames }) => frames?.length === INNERMOST_FRAMES);
  for (const thread of deep.slice(0, MAX_DEEP_THREADS)) {
    const id = ids.get(thread.tid);
    if (id === undefined || thread.frames === null) continue;
    const outer = await readOuterEnd(session, id, MAX_DEPTH);
    if (outer.note !== null) notes.push(`Thread ${thread.tid}: ${outer.note}`);
    if (outer.omittedFrames > 0) {
      thread.omittedFrames = outer.omittedFrames;
      thread.omittedAfter = INNERMOST_FRAMES - 1;
    }
    thread.frames.push(...placed(outer.frames, addressSpace));
  }
  const left = deep.length - MAX_DEEP_THREADS;
  if (left > 0) notes.push(`${left} more threads are deeper than the ${INNERMOST_FRAMES} frames shown`);
}

function placed(frames: readonly GdbFrame[], addressSpace: AddressSpace): Frame[] {
  return frames.map((frame) => {
    const place = frame.pc === null ? null : addressSpace.moduleOf(BigInt(`0x${frame.pc}`));
    return { ...frame, module: place?.module ?? null, moduleOffset: hexOrNull(place?.offset) };
  });
}

function hexOrNull(value: bigint | null | undefined): string | null {
  return value == null ? null : value.toString(16).padStart(16, '0');
}
