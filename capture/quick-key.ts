import { type Architecture, architectureOf } from './arch/architecture.ts';
import type { CoreHead } from './captured.ts';
import { PF_X } from './elf/program-header.ts';
import type { FoundModule } from './find-modules.ts';
import { registerAddress } from './noted-thread.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { HeldMemory } from './process-memory.ts';
import { SegmentTable } from './segment-table.ts';

/** Stack that is looked through from sp on. abort() under an assert or a C++ exception needs 2 to 4 KiB. */
const SCANNED_BYTES = 16 * 1024;
/** Return addresses that make the key. More would bring in old ones, left over in frames that are not filled. */
const MAX_RETURNS = 12;
/** Of a stack overflow: enough to have seen every function of the recursion. */
const MAX_OVERFLOW_RETURNS = 64;
/** Pages of code that are read to see whether a call stands before an address; most are read by the first few. */
const MAX_CODE_PAGES = 64;
/** How near to sp an access must fail for the stack to have overflowed; frames are seldom larger. */
const OVERFLOW_BYTES = 64 * 1024;
const SIGSEGV = 11;
/** vm.mmap_min_addr, and the end of user space: most words on a stack are neither. */
const MIN_ADDRESS = 0x10000;
const MAX_ADDRESS = 2 ** 47;

/**
 * The C and C++ runtimes. Which of their functions lie between abort() or raise() and the program says little, and their
 * frames hold old return addresses: only where nothing else is on the stack do they count.
 */
const RUNTIME =
  /(?:^|\/)(?:ld-|ld\.|libc[.-]|libpthread|libm[.-]|libgcc_s|libstdc\+\+|libc\+\+|linux-vdso|linux-gate)/;

/** A place in a program, the same in every run. */
interface CodePlace {
  isRuntime: boolean;
  text: string;
}

/**
 * A key that is the same for the same crash of the same build, across runs, machines and address randomisation: signal
 * and code, and as build-id (the path where there is none) plus offset the faulting instruction and the return addresses
 * that a short look at the stack finds. No unwinder: words that point behind a call instruction in a module's code.
 *
 * A stack overflow may end in any function of the recursion: there the set of return addresses makes the key.
 *
 * @returns 16 hex digits.
 */
export function quickKey(head: CoreHead, memory: HeldMemory | null, modules: readonly FoundModule[]): string {
  const { signal, threads } = head;
  const parts = [`${signal?.number ?? '?'}:${signal?.code ?? '?'}`];
  const architecture = architectureOf(head);
  const [thread] = threads;
  if (architecture !== null && thread !== undefined) {
    const pc = registerAddress(thread, architecture.pc);
    const sp = registerAddress(thread, architecture.sp);
    const code = new CodePlaces(head, modules);
    const isOverflow = isStackOverflow(head, memory, sp);
    const returns = memory === null ? [] : returnPlaces(memory, code, { sp, architecture, isOverflow });
    if (isOverflow) parts.push('overflow', ...returns.sort());
    else parts.push(code.place(pc)?.text ?? '?', ...returns);
  }
  return fnv1a64(parts.join('\n'));
}

function isStackOverflow({ signal }: CoreHead, memory: HeldMemory | null, sp: number): boolean {
  if (memory === null || signal?.number !== SIGSEGV || signal.address === null) return false;
  if (Math.abs(Number(signal.address) - sp) > OVERFLOW_BYTES) return false;
  const segment = memory.dumped.find(sp);
  return segment === -1 || sp - memory.dumped.start(segment) < OVERFLOW_BYTES;
}

function returnPlaces(
  memory: HeldMemory,
  code: CodePlaces,
  { sp, architecture, isOverflow }: { sp: number; architecture: Architecture; isOverflow: boolean },
): string[] {
  const segments = memory.dumped;
  const segment = segments.find(sp) === -1 ? segments.firstAfter(sp) : segments.find(sp);
  if (segment === segments.count) return [];
  const { wordBytes } = architecture.elfClass;
  const start = Math.max(sp - (sp % wordBytes), segments.start(segment));
  const end = Math.min(start + SCANNED_BYTES, segments.end(segment));
  const own: string[] = [];
  const runtime: string[] = [];
  const checked = new Map<number, CodePlace | null>();
  const codePages = new Set<number>();
  memory.pages.load(Math.floor(start / PAGE_BYTES), Math.ceil(end / PAGE_BYTES));
  for (let at = start; at < end; at += wordBytes) {
    const address = memory.pages.word(at, architecture.elfClass);
    if (address < MIN_ADDRESS || address >= MAX_ADDRESS) continue;
    let place = checked.get(address);
    if (place === undefined) {
      place = code.place(address);
      if (place !== null) {
        codePages.add(Math.floor(address / PAGE_BYTES));
        if (codePages.size > MAX_CODE_PAGES) break;
        const { before, behind } = architecture.callBytes;
        if (!architecture.isCall(memory.everything.read(address - before, before + behind))) place = null;
      }
      checked.set(address, place);
    }
    if (place === null) continue;
    const list = place.isRuntime ? runtime : own;
    // A recursion counts once: how deep it was differs from run to run.
    if (list.length < (isOverflow ? MAX_OVERFLOW_RETURNS : MAX_RETURNS) && !list.includes(place.text)) {
      list.push(place.text);
    }
    if (own.length === MAX_RETURNS && !isOverflow) break;
  }
  return own.length > 0 ? own : runtime;
}

/** Where in which module an address is. */
class CodePlaces {
  readonly #executable: SegmentTable;
  readonly #modules: readonly FoundModule[];

  constructor(head: CoreHead, modules: readonly FoundModule[]) {
    const code = head.segments.filter(({ flags }) => (flags & PF_X) !== 0);
    this.#executable = new SegmentTable(code, 'mapped');
    this.#modules = modules.toSorted((one, other) => one.start - other.start);
  }

  /** Null where it is no code of a module. */
  place(address: number): CodePlace | null {
    if (this.#executable.find(address) === -1) return null;
    let low = 0;
    let high = this.#modules.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#modules[middle]?.start ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const module = this.#modules[low - 1];
    if (module === undefined || address >= module.end) return null;
    const name = module.name.toString('latin1');
    return {
      isRuntime: !module.isExecutable && RUNTIME.test(name),
      text: `${module.buildId ?? name}+${(address - module.base).toString(16)}`,
    };
  }
}

/**
 * FNV-1a with 64 bits (draft-eastlake-fnv), as two halves. Not sha256, because loading node:crypto takes 10 ms in a cold
 * process, while the dead one is held. Nobody gains by making two crashes look equal: the one that is then not reported
 * would be their own.
 */
function fnv1a64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let index = 0; index < text.length; index += 1) {
    low = (low ^ (text.charCodeAt(index) & 0xff)) >>> 0;
    // Times the prime 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
