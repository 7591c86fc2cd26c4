import type { Segment } from '../captured.ts';
import { PAGE_BYTES } from '../page-cache.ts';
import { type MapsLine, parseMaps } from '../proc/parse-maps.ts';
import type { SmapsEntry } from '../proc/parse-smaps.ts';

/** Bits of /proc/PID/coredump_filter: core(5). */
const ANONYMOUS_PRIVATE = 1 << 0;
const ANONYMOUS_SHARED = 1 << 1;
const FILE_PRIVATE = 1 << 2;
const FILE_SHARED = 1 << 3;
const ELF_HEADERS = 1 << 4;
const HUGE_PRIVATE = 1 << 5;
const HUGE_SHARED = 1 << 6;

/** The kernel's mark for a file that has no name any more: also /dev/zero and memfds, which are shared memory to it. */
const DELETED = Buffer.from(' (deleted)');

/** What the decision depends on besides the mapping itself. */
export interface DumpRules {
  /** /proc/PID/coredump_filter. */
  filter: number;
  /** Whether an ELF file begins at an address; asked for beginnings of private file mappings only. */
  isElf(address: bigint): boolean;
}

/**
 * The segments of the core that the kernel would write now, by the rules of fs/coredump.c, vma_dump_size(). So whoever has
 * kept something out of cores, by MADV_DONTDUMP or coredump_filter, has also kept it out of ours.
 *
 * Differences, because /proc does not tell more: DAX mappings count as ordinary files; of private files without pages of
 * their own the first page counts where it is ELF, not where the file may be executed.
 */
export function dumpedSegments(entries: readonly SmapsEntry[], rules: DumpRules): Segment[] {
  const segments: Segment[] = [];
  for (const entry of entries) {
    const [mapping] = parseMaps(Buffer.concat([entry.line, Buffer.from('\n')]));
    if (mapping === undefined || mapping.start >= mapping.end) continue;
    // The vsyscall page is the kernel's own, at the top of the address space, and the same everywhere.
    if (mapping.start >= 1n << 63n) continue;
    const { start, end, permissions } = mapping;
    const flags =
      (permissions[0] === 'r' ? 4 : 0) + (permissions[1] === 'w' ? 2 : 0) + (permissions[2] === 'x' ? 1 : 0);
    segments.push({ start, end, fileBytes: dumpedBytes(mapping, entry, rules), flags });
  }
  return segments;
}

function dumpedBytes(
  { start, end, permissions, offset, inode, path }: MapsLine,
  { flags, hasOwnPages }: SmapsEntry,
  { filter, isElf }: DumpRules,
): bigint {
  const all = end - start;
  const has = (bit: number) => (filter & bit) !== 0;
  // [vdso] and its like have a name of the kernel's own and are always dumped.
  const isSpecial =
    inode === 0 && path !== null && /^\[(?:vdso|vectors|sigpage)\]/.test(path.toString('latin1'));
  if (isSpecial) return all;
  if (flags.has('dd')) return 0n;
  const isShared = flags.has('sh') || permissions[3] === 's';
  if (flags.has('ht')) return has(isShared ? HUGE_SHARED : HUGE_PRIVATE) ? all : 0n;
  if (flags.has('io')) return 0n;
  const isFile = inode !== 0;
  if (isShared) {
    const isNameless = path === null || path.subarray(-DELETED.length).equals(DELETED);
    return has(isNameless ? ANONYMOUS_SHARED : FILE_SHARED) ? all : 0n;
  }
  // Anonymous memory that was untouched a moment ago may be a stack by now; what nobody may touch stays untouched.
  const isOwn = hasOwnPages || (!isFile && permissions.slice(0, 3) !== '---');
  if (isOwn && has(ANONYMOUS_PRIVATE)) return all;
  if (!isFile) return 0n;
  if (has(FILE_PRIVATE)) return all;
  return has(ELF_HEADERS) && offset === 0n && isElf(start) ? BigInt(PAGE_BYTES) : 0n;
}
