import type { Architecture } from './arch/architecture.ts';
import { bestChain, type ChainLink } from './call-chain.ts';
import { type CodePlace, CodePlaces } from './code-places.ts';
import { dynamicAddresses } from './dynamic-addresses.ts';
import type { FoundModule } from './find-modules.ts';
import { FunctionStarts } from './function-starts.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { HeldMemory } from './process-memory.ts';
import type { ReturnAddresses } from './return-addresses.ts';
import { findSignalFrames } from './signal-frames.ts';
import { type StackBounds, stackInUse } from './stack-in-use.ts';
import { findSlots, followFramePointers } from './stack-slots.ts';

/** Stack that is looked through from sp on. abort() under an assert or a C++ exception needs 2 to 4 KiB. */
const SCANNED_BYTES = 16 * 1024;
/** Of a stack of which nobody tells the end: so much, where no chain of so many frame pointers leads to it. */
const FOREIGN_BYTES = 4 * 1024;
const MIN_CHAIN = 2;
/** Behind the last of them: the frame that a signal's handler returns to. */
const LAST_FRAME_BYTES = 1024;
/** Return addresses told of a stack. */
const MAX_RETURNS = 12;
/** Pages of code that are read to see whether a call stands before an address; most are read by the first few. */
const MAX_CODE_PAGES = 64;
/** Words that look like return addresses, looked at of each stack. */
const MAX_LINKS = 128;
/** Of a stack that has overflowed: what stands so often in so much of it belongs to the recursion. */
const RECURRING = 8;
const OVERFLOW_SCANNED_BYTES = 128 * 1024;

/** d_tag of a module's global offset table: elf(5). */
const DT_PLTGOT = 3;

/** What a scan looks at. */
export interface ScanInput {
  memory: HeldMemory;
  modules: readonly FoundModule[];
  returns: ReturnAddresses;
}

/** Where a thread is, or was when a signal came. */
export interface ThreadPlace {
  pc: number;
  sp: number;
  /** 0 where it is not known. */
  framePointer: number;
}

/** What of a stack is looked at. */
export interface ScannedStack {
  start: number;
  end: number;
  /** Where its mapping begins. */
  bottom: number;
  /** Where the thread was when the signal came whose handler this stack runs. */
  interrupted: ThreadPlace | null;
}

/** Looks at stacks without an unwinder, for what is the same in every run of a program that dies in the same way. */
export class StackScan {
  readonly #input: ScanInput;
  readonly #architecture: Architecture;
  readonly #entry: number;
  readonly #places: CodePlaces;
  readonly #starts: FunctionStarts;
  readonly #offsetTables = new Map<FoundModule, number | null>();

  /** @param entry Where the program's first function, _start, begins: AT_ENTRY of getauxval(3). */
  constructor(input: ScanInput, architecture: Architecture, entry: number) {
    this.#input = input;
    this.#architecture = architecture;
    this.#entry = entry;
    this.#places = new CodePlaces(input.modules, input.memory.everything);
    this.#starts = new FunctionStarts(input.memory.pages);
  }

  /** @param bounds What tells where the thread's stack ends. */
  stackAt(sp: number, bounds: StackBounds): ScannedStack | null {
    const { dumped, pages } = this.#input.memory;
    const stack = stackInUse(dumped, sp, { redZoneBytes: 0, bounds });
    if (stack === null) return null;
    const { start } = stack;
    const most = Math.min(start + SCANNED_BYTES, stack.end);
    pages.load(Math.floor(start / PAGE_BYTES), Math.ceil(most / PAGE_BYTES));
    const end = stack.endIsKnown ? most : Math.min(most, this.#foreignEnd(start, most));
    const area = { start, end: Math.min(most, end + LAST_FRAME_BYTES) };
    const [frame] = findSignalFrames({ pages, segments: dumped }, area, this.#architecture);
    const bottom = dumped.start(dumped.find(start));
    if (frame === undefined) return { start, end, bottom, interrupted: null };
    const { interruptedPc, interruptedSp, interruptedFramePointer } = frame;
    const interrupted = {
      pc: interruptedPc,
      sp: interruptedSp,
      framePointer: interruptedFramePointer,
    };
    return { start, end: frame.address, bottom, interrupted };
  }

  /** Of a coroutine's or a goroutine's stack: what lies behind it is another one's. Go keeps frame pointers. */
  #foreignEnd(start: number, end: number): number {
    const { memory, returns } = this.#input;
    const area = { start, end, frames: Number.POSITIVE_INFINITY, direction: 'up' } as const;
    const first = findSlots(memory.pages, returns, area);
    const chain = followFramePointers(memory.pages, returns, { first, end, frames: MAX_LINKS });
    const last = chain.length < MIN_CHAIN ? undefined : chain.at(-1);
    return last === undefined ? start + FOREIGN_BYTES : last + this.#architecture.elfClass.wordBytes;
  }

  /** Build-id and offset of an address; `?` where it is in no module's code. */
  placeOf(address: number): string {
    return (this.#input.returns.isCode(address) && this.#places.at(address)?.text) || '?';
  }

  /** The return addresses of the frames, the innermost first: the program's own, or where it has none the runtime's. */
  returnPlaces(place: ThreadPlace, stack: ScannedStack): string[] {
    const own: string[] = [];
    const runtime: string[] = [];
    for (const link of bestChain(this.#linksOf(place, stack)).slice(1)) {
      // _start is in every crash: where jumps at functions' ends have left nothing else of the program, the runtime tells more.
      if (link.place === null || link.functionStart === this.#entry) continue;
      const list = link.place.isRuntime ? runtime : own;
      // A recursion counts once: how deep it was differs from run to run.
      if (list.length < MAX_RETURNS && !list.includes(link.place.text)) list.push(link.place.text);
    }
    return own.length > 0 ? own : runtime;
  }

  #linksOf({ pc, framePointer }: ThreadPlace, { start, end }: ScannedStack): PlacedLink[] {
    const { memory, returns } = this.#input;
    const { pages } = memory;
    const { elfClass } = returns;
    const { wordBytes } = elfClass;
    const innermost = this.#linkOf(pc, pc);
    const links = [innermost];
    const add = (address: number) => {
      if (!returns.has(address) || returns.codePages > MAX_CODE_PAGES) return;
      // Of a call that never returns it may be where the next function begins: the call itself is looked up.
      const link = this.#linkOf(address, address - 1);
      if (link.place !== null) links.push(link);
    };
    // Where nobody knows where functions begin, as in Go, frame pointers tell the frames, but for one without its own.
    const isChained =
      innermost.functionStart === null && returns.has(pages.word(framePointer + wordBytes, elfClass));
    const isInside =
      framePointer >= start && framePointer + wordBytes * 2 <= end && framePointer % wordBytes === 0;
    const searchEnd = isChained && isInside ? framePointer : end;
    for (let at = start; at < searchEnd && links.length < MAX_LINKS; at += wordBytes)
      add(pages.word(at, elfClass));
    if (searchEnd === end) return links;
    const chain = { first: [framePointer + wordBytes], end, frames: MAX_LINKS };
    for (const slot of followFramePointers(pages, returns, chain)) add(pages.word(slot, elfClass));
    return links;
  }

  /** The return addresses that stand again and again at the inner end of a stack, in no order. */
  recursion({ start }: ScannedStack): string[] {
    const { memory, returns } = this.#input;
    const end = Math.min(start + OVERFLOW_SCANNED_BYTES, memory.dumped.end(memory.dumped.find(start)));
    memory.pages.load(Math.floor(start / PAGE_BYTES), Math.ceil(end / PAGE_BYTES));
    const counts = new Map<number, number>();
    for (let at = start; at < end; at += returns.elfClass.wordBytes) {
      const address = memory.pages.word(at, returns.elfClass);
      if (!returns.has(address)) continue;
      const count = (counts.get(address) ?? 0) + 1;
      counts.set(address, count);
      // Twice what is wanted: all others of the recursion have been there as often as that by now.
      if (count === RECURRING * 2) break;
    }
    const recurring = [...counts].filter(([, count]) => count >= RECURRING);
    const places = recurring.map(([address]) => this.#places.at(address)).filter((place) => place !== null);
    const own = places.filter((place) => !place.isRuntime);
    return (own.length > 0 ? own : places).map(({ text }) => text).sort();
  }

  #linkOf(address: number, inFunction: number): PlacedLink {
    const place = this.#places.at(address);
    const functionStart = place === null ? null : this.#starts.startOf(place.module, inFunction);
    const offsetTable = place === null ? null : this.#offsetTableOf(place.module);
    return { address, functionStart, place, calls: this.#input.returns.callTarget(address, offsetTable) };
  }

  #offsetTableOf(module: FoundModule): number | null {
    const known = this.#offsetTables.get(module);
    if (known !== undefined) return known;
    const { headers } = module;
    const addresses = headers === null ? null : dynamicAddresses(this.#input.memory.everything, headers);
    const table = addresses?.get(DT_PLTGOT) ?? null;
    this.#offsetTables.set(module, table);
    return table;
  }
}

type PlacedLink = ChainLink & { place: CodePlace | null };
