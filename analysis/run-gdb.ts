import {
  type LoadedModule,
  MAX_TOLD_THREADS,
  type Registers,
  type StackGap,
  type ThreadNotes,
} from '../capture/captured.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import type { Record as CrashRecord, Frame, Mapping, Thread } from '../report/record.ts';
import { placeOfCrash } from '../report/signature.ts';
import { annotateStack } from './gdb/annotate-stack.ts';
import { type GdbLimits, type LaunchedGdb, launchGdb } from './gdb/launch-gdb.ts';
import type { PreparedGdb } from './gdb/prepared-gdb.ts';
import { type GdbFrame, readBacktrace } from './gdb/read-backtraces.ts';
import { readCode } from './gdb/read-code.ts';
import { readDebugFiles } from './gdb/read-debug-files.ts';
import { readSource } from './gdb/read-source.ts';
import { readSplitDwarf, type SplitDwarf } from './gdb/read-split-dwarf.ts';
import type { SourceFiles } from './gdb/source-files.ts';
import { readDeepThreads } from './read-deep-threads.ts';
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
  /** What the core leaves out of deep stacks; none of a core that is whole. */
  gaps?: readonly StackGap[];
  /** Their descriptors stay the caller's. */
  modules: readonly LoadedModule[];
  /** /proc/PID/maps; may be empty. */
  mappings: readonly Mapping[];
  /** comm by tid, as in head.threads. */
  threadNames: ReadonlyMap<number, Buffer>;
  /** Stay the caller's. */
  sourceFiles: SourceFiles;
  /** A directory, which stays the caller's: see gdb/symbol-indexes.ts. */
  symbolIndexes?: number | null;
  /** For the first gdb; stays the caller's. */
  prepared?: PreparedGdb | null;
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
 * gdb needs a fifth of a second; it has the lowest priority, and where a machine is busy, boots or is emulated, it waits for most of
 * the time. A deadline that is reached costs what was not read yet, nothing else.
 */
export const DEFAULT_GDB_LIMITS: GdbLimits = {
  gdbPath: '/usr/bin/gdb',
  seen: [],
  runMs: 60_000,
  commandMs: 30_000,
  memoryBytes: 1024 ** 3,
  outputBytes: 64 * 1024 ** 2,
};

/** Runs of gdb in all: one that ended over a value is followed by one that does not ask for it. */
const MAX_RUNS = 4;

/**
 * Makes everything of the record that needs gdb, by one run of it, and what shows memory, which does not need it.
 * Never rejects: what could not be made says why in `missing` or `notes`, and all else is there.
 */
export async function analyseWithGdb(
  inputs: GdbInputs,
  limits: GdbLimits = DEFAULT_GDB_LIMITS,
): Promise<GdbSections> {
  const addressSpace = new AddressSpace(inputs.modules, inputs.mappings);
  const memory = inputs.core === null ? null : new CoreMemory(inputs.core);
  const sections = withoutGdb(inputs, memory, addressSpace);
  if (inputs.core === null || memory === null) return unavailable(sections, 'no core could be taken');
  const { core, sourceFiles, modules } = inputs;
  return runUntilWhole(inputs, { sections, memory, addressSpace, core, sourceFiles, modules }, limits);
}

/** A gdb that ends over a value is followed by one that is not asked for it. */
async function runUntilWhole(
  inputs: GdbInputs,
  base: Pick<Reading, 'sections' | 'memory' | 'addressSpace' | 'core' | 'sourceFiles' | 'modules'>,
  limits: GdbLimits,
): Promise<GdbSections> {
  const started = performance.now();
  const avoided = new Set<string>();
  let splitDwarf: SplitDwarf[] | null = null;
  let { prepared = null } = inputs;
  const debugFiles = base.sourceFiles.areElsewhere
    ? await readDebugFiles(inputs.modules, base.sourceFiles)
    : [];
  for (let run = 1; ; run += 1) {
    const reading: Reading = {
      ...base,
      sections: structuredClone(base.sections),
      gaps: new Map((inputs.gaps ?? []).map((gap) => [gap.tid, gap])),
      head: inputs.head,
      place: placer(base.addressSpace, new Map()),
    };
    const left = limits.runMs - (performance.now() - started);
    const options = {
      limits: { ...limits, runMs: left },
      ...{
        avoided,
        splitDwarf: splitDwarf ?? [],
        symbolIndexes: inputs.symbolIndexes ?? null,
        prepared,
        debugFiles,
      },
    };
    prepared = null;
    const { fatalCommand, missingDwo } = await runGdb(inputs, reading, options);
    reading.sections.gdb.durationMs = Math.round(performance.now() - started);
    if (avoided.size > 0)
      reading.sections.notes.push(`gdb ended over ${avoided.size} values, which are left out`);
    if (run === MAX_RUNS) return reading.sections;
    if (fatalCommand !== null) avoided.add(fatalCommand);
    else if (splitDwarf === null && missingDwo.length > 0) {
      splitDwarf = await readSplitDwarf(missingDwo, inputs.modules, base.sourceFiles);
      if (splitDwarf.length === 0) return reading.sections;
    } else return reading.sections;
  }
}

/**
 * @returns `fatalCommand`: what gdb was at when it ended of itself; null where it has not, and where that was no question for
 *   values. `missingDwo`: see GdbSession.
 */
async function runGdb(
  { core, modules }: GdbInputs,
  reading: Reading,
  options: Parameters<typeof launchGdb>[2],
): Promise<{ fatalCommand: string | null; missingDwo: readonly string[] }> {
  const { sections, addressSpace } = reading;
  let gdb: LaunchedGdb;
  try {
    gdb = await launchGdb(core ?? Buffer.alloc(0), modules, options);
  } catch (error) {
    unavailable(sections, `gdb could not be started: ${messageOf(error)}`);
    return { fatalCommand: null, missingDwo: [] };
  }
  try {
    sections.notes.push(...gdb.notes);
    reading.place = placer(addressSpace, gdb.replacedAddresses);
    if (gdb.threads === null) unavailable(sections, gdb.reason ?? 'gdb did not open the core');
    else await readSections(gdb, gdb.threads, reading);
  } finally {
    sections.gdb.version = gdb.session.version;
    gdb.close();
  }
  const { fatalCommand, missingDwo } = gdb.session;
  return { fatalCommand: fatalCommand?.includes('-values') ? fatalCommand : null, missingDwo };
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
  core: Buffer;
  gaps: ReadonlyMap<number, StackGap>;
  memory: CoreMemory;
  addressSpace: AddressSpace;
  head: GdbInputs['head'];
  place: (frames: readonly GdbFrame[]) => Frame[];
  sourceFiles: SourceFiles;
  modules: readonly LoadedModule[];
}

/** The crashed thread with all that belongs to it first: what is left when a deadline comes is the other threads. */
async function readSections(
  gdb: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  reading: Reading,
): Promise<void> {
  const { sections, memory, addressSpace, head, place, sourceFiles } = reading;
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
    if (read.ok) crashed.frames = place(read.backtrace.frames);
    else sections.missing['backtrace'] = read.reason;
    const where = placeOfCrash({ threads: [crashed] });
    const source = readSource(session, { thread: crashedId, files: sourceFiles }, [
      ...(where === null ? [] : [where]),
      ...(crashed.frames ?? []),
    ]);
    const readCodes = await code;
    if (readCodes?.ok === true) sections.code = readCodes.code;
    else sections.missing['code'] = readCodes?.reason ?? 'the program counter is not known';
    const annotated = await words;
    if (sections.stack !== null) sections.stack = annotated.words;
    if (annotated.reason !== null) sections.notes.push(`The stack has no symbols: ${annotated.reason}`);
    const readLines = await source;
    if (readLines.ok) sections.source = readLines.source;
    else sections.missing['source'] = whyNoSource(crashed, reading.modules) ?? readLines.reason;
  }
  await readOthers(gdb, ids, reading, others);
  await readDeepThreads(gdb, ids, reading);
}

/** Why there is no source where a file or its debug symbols are missing; null where that is not the reason. */
function whyNoSource(crashed: Thread, modules: readonly LoadedModule[]): string | null {
  const place = placeOfCrash({ threads: [crashed] });
  if (place !== null && place.line !== null) return null;
  const without = modules.filter(({ fd, path }) => fd === null && path !== null);
  const names = without.map(({ path, name }) => textOfBytes(path ?? name));
  if (place === null || place.module === null) {
    if (names.length === 0) return null;
    return `no frame has line information, and of ${names.length} modules the file was not found or not opened`;
  }
  if (names.includes(place.module)) return `the file of ${place.module} was not found or not opened`;
  return `${place.module} has no debug symbols`;
}

async function readOthers(
  { session }: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  { sections, place }: Reading,
  threads: readonly Thread[],
): Promise<void> {
  const isMany = threads.length >= MANY_THREADS;
  const framesWithLocals = isMany ? FRAMES_WITH_LOCALS.many : FRAMES_WITH_LOCALS.other;
  const reading = threads.map(async (thread) => {
    const id = ids.get(thread.tid);
    if (id === undefined) return 'gdb does not know the thread';
    const read = await readBacktrace(session, id, framesWithLocals);
    if (!read.ok) return read.reason;
    thread.frames = place(read.backtrace.frames);
    return null;
  });
  const failures = (await Promise.all(reading)).filter((reason) => reason !== null);
  const [reason] = failures;
  if (reason !== undefined) {
    sections.notes.push(`${failures.length} of ${threads.length + 1} threads have no frames: ${reason}`);
  }
}

/** @param replaced What gdb takes for one address and is another. */
function placer(addressSpace: AddressSpace, replaced: ReadonlyMap<number, number>): Reading['place'] {
  return (frames) =>
    frames.map((frame) => {
      const shown = frame.pc === null ? null : Number.parseInt(frame.pc, 16);
      const original = shown === null ? undefined : replaced.get(shown);
      const pc = original === undefined ? frame.pc : hexOrNull(BigInt(original));
      const found = pc === null ? null : addressSpace.moduleOf(BigInt(`0x${pc}`));
      return { ...frame, pc, module: found?.module ?? null, moduleOffset: hexOrNull(found?.offset) };
    });
}

function hexOrNull(value: bigint | null | undefined): string | null {
  return value == null ? null : value.toString(16).padStart(16, '0');
}
