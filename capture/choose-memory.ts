import { RED_ZONE_BYTES, SIGNAL_FRAME_RSP, SIGNAL_RETURN } from './arch/x86-64.ts';
import type { CoreHead, LoadedModule, Registers, Segment, ThreadNotes } from './captured.ts';
import { type CodeMemory, wordsOf } from './code-memory.ts';
import type { LinkMap } from './link-map.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { modifiedPages } from './modified-pages.ts';
import { type Address, type DumpedMemory, PAGE_BYTES, type Range } from './process-memory.ts';

/**
 * How much of what. Each figure is the smallest power of two with which `thread apply all bt full` on the small core
 * equals that on the full core for the programs in test/capture.
 */
const POLICY = {
  /** Stack of the thread that died: some 1,000 ordinary frames. */
  crashedStackBytes: 128 * 1024,
  /** Stack of every other thread: most wait in a handful of frames. */
  otherStackBytes: 16 * 1024,
  /** The outermost frames of a stack that is deeper than that. */
  stackBaseBytes: 8 * 1024,
  /** Modified globals of all modules together. */
  writableBytes: 512 * 1024,
  /** From the thread pointer: thread-local data lie below, the C library's own data about the thread above. */
  belowThreadPointerBytes: 1024,
  aboveThreadPointerBytes: 2304,
  /** How far up a stack words are looked at for pointers. */
  crashedScanBytes: 16 * 1024,
  otherScanBytes: 2 * 1024,
  /** How far pointers lead: 2 reaches the members of a structure that an argument points to. */
  crashedDepth: 2,
  otherDepth: 1,
  /** Around what a pointer means: gdb prints strings up to 200 characters, and most structures fit. */
  beforePointerBytes: 64,
  behindPointerBytes: 448,
  /** Around the registers of the thread that died: the report shows memory there. */
  aroundRegisterBytes: 512,
  /** Nested signal handlers that are followed. */
  signalFrames: 4,
  /** How far up a stack a signal frame is looked for: abort() and what a handler calls lie above it. */
  crashedSignalScanBytes: 64 * 1024,
  otherSignalScanBytes: 1024,
} as const;

/** elf.h */
const PF_W = 2;

/** What the choice is made from. */
export interface ChoiceInputs {
  pid: number;
  head: CoreHead;
  modules: readonly LoadedModule[];
  linkMap: LinkMap;
  memory: DumpedMemory;
  code: CodeMemory;
}

/**
 * Fills the plan with what gdb will look at, the most important first: the dynamic linker's list, without which nothing
 * has a name; the thread that died; modified globals; the other threads; and at last what pointers mean.
 */
export function chooseMemory(inputs: ChoiceInputs, plan: MemoryPlan): void {
  const { head, memory } = inputs;
  takeLinkerData(inputs, plan);
  const [crashed, ...others] = head.threads;
  const stacks =
    crashed === undefined ? [] : stacksOf(crashed.registers, inputs, POLICY.crashedSignalScanBytes);
  if (crashed !== undefined) {
    takeThreadPointer(crashed, plan, 'the thread that died');
    for (const stack of stacks) {
      plan.take(
        stack.start,
        Math.min(stack.end, stack.start + POLICY.crashedStackBytes),
        'stack of the thread that died',
      );
      plan.take(Math.max(stack.start, stack.end - POLICY.stackBaseBytes), stack.end, 'base of its stack');
    }
    takeAroundRegisters(crashed.registers, memory, plan);
  }
  takeGlobals(inputs, plan);
  const otherStacks = others.map(({ registers }) => stacksOf(registers, inputs, POLICY.otherSignalScanBytes));
  for (const [index, thread] of others.entries()) {
    takeThreadPointer(thread, plan, 'other threads');
    for (const { start, end } of otherStacks[index] ?? []) {
      plan.take(start, Math.min(end, start + POLICY.otherStackBytes), 'stacks of other threads');
    }
  }
  for (const { start, end } of stacks) {
    const scanned = { start, end: Math.min(end, start + POLICY.crashedScanBytes) };
    follow(scanned, POLICY.crashedDepth, inputs, plan, 'what pointers of the thread that died mean');
  }
  for (const others of otherStacks) {
    for (const { start, end } of others) {
      const scanned = { start, end: Math.min(end, start + POLICY.otherScanBytes) };
      follow(scanned, POLICY.otherDepth, inputs, plan, 'what pointers of other threads mean');
    }
  }
}

function takeLinkerData({ modules, linkMap, memory }: ChoiceInputs, plan: MemoryPlan): void {
  const purpose = "the dynamic linker's list";
  for (const { start, end } of linkMap.visited) plan.take(start, end, purpose);
  for (const module of modules) plan.take(Number(module.start), Number(module.start) + PAGE_BYTES, purpose);
  for (const { dynamic } of linkMap.entries) plan.take(dynamic, dynamic + 1024, purpose);
  const vdso = linkMap.vdso === null ? null : memory.rangeOf(linkMap.vdso);
  if (vdso !== null) plan.take(vdso.start, vdso.end, purpose);
}

/**
 * Where a thread's frames lie: from its stack pointer to the end of the mapping, and behind a signal frame the stack
 * that was interrupted, which may be another one (sigaltstack, Go's).
 *
 * @param scanBytes How far a signal frame is looked for.
 */
function stacksOf(registers: Registers, { memory, code }: ChoiceInputs, scanBytes: number): Range[] {
  const stacks: Range[] = [];
  let sp: Address | null = Number(registers.get('rsp') ?? 0n);
  for (let hop = 0; hop <= POLICY.signalFrames && sp !== null; hop += 1) {
    const mapping: Range | null = memory.rangeOf(sp);
    if (mapping === null) break;
    const stack = { start: Math.max(mapping.start, sp - RED_ZONE_BYTES), end: mapping.end };
    stacks.push(stack);
    sp = interruptedStack(memory.read(stack.start, Math.min(stack.end - stack.start, scanBytes)), code);
  }
  return stacks;
}

/** The stack pointer that a signal interrupted, where a signal frame lies in these bytes. */
function interruptedStack(bytes: Buffer, code: CodeMemory): Address | null {
  const words = wordsOf(bytes);
  const saved = 1 + SIGNAL_FRAME_RSP / 8;
  for (let at = 0; at + saved < words.length; at += 1) {
    const target = words[at] ?? 0;
    if (code.isCode(target) && code.read(target, SIGNAL_RETURN.length).equals(SIGNAL_RETURN)) {
      return words[at + saved] || null;
    }
  }
  return null;
}

/** struct pthread and thread-local data: libthread_db and gdb's $_thread variables read them. */
function takeThreadPointer(thread: ThreadNotes, plan: MemoryPlan, purpose: string): void {
  const at = Number(thread.registers.get('fs_base') ?? 0n);
  if (at === 0) return;
  plan.take(
    at - POLICY.belowThreadPointerBytes,
    at + POLICY.aboveThreadPointerBytes,
    `thread data of ${purpose}`,
  );
}

function takeAroundRegisters(registers: Registers, memory: DumpedMemory, plan: MemoryPlan): void {
  for (const value of registers.values()) {
    const at = Number(value);
    const mapping = memory.rangeOf(at);
    if (mapping === null) continue;
    const start = Math.max(mapping.start, at - POLICY.aroundRegisterBytes);
    plan.take(start, Math.min(mapping.end, at + POLICY.aroundRegisterBytes), 'what registers point to');
  }
}

/**
 * Globals that were written to: without them gdb shows the values of the file without a word. The linker's and the C
 * library's come first, because libthread_db reads them.
 */
function takeGlobals({ pid, head, modules }: ChoiceInputs, plan: MemoryPlan): void {
  const isSystem = (module: LoadedModule) =>
    /\/(?:ld-linux|ld-musl|libc[.-]|libpthread)/.test(module.name.toString('latin1'));
  const ordered = [...modules].sort((a, b) => Number(isSystem(b)) - Number(isSystem(a)));
  const writable = head.segments.filter(({ flags, fileBytes }) => (flags & PF_W) !== 0 && fileBytes > 0n);
  let left: number = POLICY.writableBytes;
  for (const module of ordered) {
    for (const range of writableOf(module, head, writable)) {
      for (const { start, end } of modifiedPages(pid, range)) {
        const until = Math.min(end, start + left);
        left -= plan.take(start, until, 'globals');
        if (until < end || left <= 0) {
          plan.left.set('globals', (plan.left.get('globals') ?? 0) + end - until);
          return;
        }
      }
    }
  }
}

/** The writable mappings of a module, and the anonymous one behind them that holds the rest of its .bss. */
function writableOf(module: LoadedModule, head: CoreHead, writable: readonly Segment[]): Range[] {
  const end = module.end;
  const heap = head.files.some(({ start }) => start === end);
  return writable
    .filter(
      (segment) => segment.start >= module.start && (segment.end <= end || (segment.start === end && !heap)),
    )
    .filter((segment) => segment.start <= end)
    .map((segment) => ({ start: Number(segment.start), end: Number(segment.start + segment.fileBytes) }));
}

/** Takes what the words of a range point to, and what is pointed to from there, breadth first. */
function follow(
  range: Range,
  depth: number,
  { memory }: ChoiceInputs,
  plan: MemoryPlan,
  purpose: string,
): void {
  let found = pointersIn(memory.read(range.start, range.end - range.start), memory);
  for (let level = 1; level <= depth && found.length > 0; level += 1) {
    const next: Address[] = [];
    for (const at of found) {
      const mapping = memory.rangeOf(at);
      if (mapping === null) continue;
      const start = Math.max(mapping.start, at - POLICY.beforePointerBytes);
      const end = Math.min(mapping.end, at + POLICY.behindPointerBytes);
      const added = plan.take(start, end, purpose);
      if (added > 0 && level < depth) next.push(...pointersIn(memory.read(at, end - at), memory));
    }
    found = next;
  }
}

/** Words that are addresses of dumped memory, each once, in order. */
function pointersIn(bytes: Buffer, memory: DumpedMemory): Address[] {
  const pointers = new Set<Address>();
  for (const word of wordsOf(bytes))
    if (word >= PAGE_BYTES && memory.rangeOf(word) !== null) pointers.add(word);
  return [...pointers];
}
