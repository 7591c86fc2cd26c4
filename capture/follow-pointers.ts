import type { Architecture } from './arch/architecture.ts';
import type { ElfClass } from './elf/elf-class.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { SegmentTable } from './segment-table.ts';

/** Memory that is looked through for pointers. */
export interface ScannedArea {
  start: number;
  end: number;
}

/** How far to follow. */
export interface FollowLimits {
  label: string;
  /**
   * Bytes behind a pointer, level by level: of what the areas point to, of what that points to, and so on. gdb prints 200
   * characters of a string; most structures are smaller than 512 bytes.
   */
  behindBytes: readonly number[];
  /** The same at most of a block of malloc that a pointer leads to the beginning of. */
  blockBytes: readonly number[];
  /** Bytes of the plan's budget to use at most. */
  allowance: number;
}

/** Below it nothing is mapped: vm.mmap_min_addr. Small numbers are the most frequent words on a stack. */
const MIN_ADDRESS = 0x10000;
/** Above 47 bits is the kernel's half, or data. */
const MAX_ADDRESS = 2 ** 47;

/** Pointers of one level that are followed: some thousand is what 16 KiB of stack can hold. */
const MAX_POINTERS = 4096;

/**
 * Before the pointer: a malloc header, a C++ object of which the pointer is a base, a string of the old ABI whose length
 * stands in front.
 */
const BEFORE_BYTES = 64;
/** How much of what was reached is looked through for the next level: the fields of one structure. */
const SCANNED_BYTES = 512;

/**
 * Adds to the plan what the words in `areas` point to, nearest first, level by level. A window never leaves the mapping
 * that its pointer leads into.
 *
 * @returns Bytes of the budget that were used.
 */
export function followPointers(
  {
    plan,
    pages,
    segments,
    architecture: { elfClass },
  }: { plan: MemoryPlan; pages: PageCache; segments: SegmentTable; architecture: Architecture },
  areas: readonly ScannedArea[],
  { label, behindBytes, blockBytes, allowance }: FollowLimits,
): number {
  const seen = new Set<number>();
  let scanned = areas;
  let used = 0;
  for (const [level, least] of behindBytes.entries()) {
    if (used >= allowance) break;
    const { pointers, unseenBytes } = pointersIn(scanned, seen, { pages, segments, elfClass });
    if (unseenBytes > 0) plan.leaveUnseen(`what pointers lead to, ${label}`, unseenBytes);
    if (pointers.length === 0) break;
    // Their pages at once: the size of a malloc block stands before it, the next level within it.
    pages.loadEach(pagesOf(pointers));
    const next: ScannedArea[] = [];
    for (const pointer of pointers) {
      const start = segments.start(segments.find(pointer));
      const block = Math.min(mallocBytes(pages, pointer, elfClass), blockBytes[level] ?? 0);
      const behind = Math.max(least, block);
      used += plan.add(label, Math.max(start, pointer - BEFORE_BYTES), pointer + behind, allowance - used);
      if (used >= allowance || plan.leftBytes === 0) return used;
      const aligned = pointer - (pointer % elfClass.wordBytes);
      next.push({ start: aligned, end: aligned + Math.max(Math.min(SCANNED_BYTES, behind), block) });
    }
    scanned = next;
  }
  return used;
}

function* pagesOf(pointers: readonly number[]): Generator<number> {
  for (const pointer of pointers) {
    const page = Math.floor(pointer / PAGE_BYTES);
    yield page;
    if (pointer % PAGE_BYTES < 8) yield page - 1;
  }
}

/**
 * Words that point into dumped memory, each target once, and how many bytes of the areas were not looked at.
 *
 * Halves of 32 bits and a float instead of a bigint: this runs for thousands of words.
 */
function pointersIn(
  areas: readonly ScannedArea[],
  seen: Set<number>,
  { pages, segments, elfClass }: { pages: PageCache; segments: SegmentTable; elfClass: ElfClass },
): { pointers: number[]; unseenBytes: number } {
  const halves = elfClass.wordBytes / 4;
  const pointers: number[] = [];
  for (const [areaIndex, area] of areas.entries()) {
    for (let at = area.start; at < area.end; ) {
      const number = Math.floor(at / PAGE_BYTES);
      const pageEnd = Math.min(area.end, (number + 1) * PAGE_BYTES);
      const page = segments.find(at) === -1 ? null : pages.page(number);
      if (page !== null) {
        const { words, wordAt } = page;
        const last = wordAt + Math.floor((pageEnd - number * PAGE_BYTES) / elfClass.wordBytes) * halves;
        for (let index = wordAt + (at - number * PAGE_BYTES) / 4; index < last; index += halves) {
          const pointer = elfClass.wordIn(words, index);
          if (pointer < MIN_ADDRESS || pointer >= MAX_ADDRESS) continue;
          if (segments.find(pointer) === -1 || seen.has(pointer)) continue;
          seen.add(pointer);
          pointers.push(pointer);
          if (pointers.length < MAX_POINTERS) continue;
          let unseenBytes = area.end - (number * PAGE_BYTES + (index + halves - wordAt) * 4);
          for (const { start, end } of areas.slice(areaIndex + 1)) unseenBytes += end - start;
          return { pointers, unseenBytes };
        }
      }
      at = pageEnd;
    }
  }
  return { pointers, unseenBytes: 0 };
}

/**
 * The size of the malloc block that begins at `pointer`, 0 where it does not look like one: glibc keeps it in the word
 * before, a multiple of 16 with three flag bits (malloc/malloc.c, struct malloc_chunk). Only ever used to take more.
 */
function mallocBytes(pages: PageCache, pointer: number, elfClass: ElfClass): number {
  if (pointer % 16 !== 0) return 0;
  const size = pages.word(pointer - elfClass.wordBytes, elfClass);
  const isSize = size < 2 ** 32 && (size & 8) === 0 && size >= 4 * elfClass.wordBytes;
  return isSize ? size - (size % 16) - elfClass.wordBytes : 0;
}
