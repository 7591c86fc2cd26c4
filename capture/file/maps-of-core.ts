import type { CoreHead, MappedFile } from '../captured.ts';

/** a_type: getauxval(3). */
const AT_SYSINFO_EHDR = 33n;
const AT_RANDOM = 25n;

/** As of /proc/PID/maps (process-snapshot.ts). */
const MAX_BYTES = 16 * 1024 * 1024;

/** The mappings of a core, as far as there is room for them. */
export interface CoreMaps {
  /** In the form of /proc/PID/maps; whole lines. */
  bytes: Buffer;
  isCut: boolean;
}

/**
 * The mappings of a core in the form of /proc/PID/maps, as far as its program headers and NT_FILE tell: device and inode
 * are 0, shared and private look alike. A file that only NT_FILE names (gcore leaves code out altogether) has no
 * permissions here, and other mappings without memory in the core may be missing.
 */
export function mapsOfCore(head: Pick<CoreHead, 'segments' | 'files' | 'auxv'>): CoreMaps {
  const named: readonly (readonly [bigint | undefined, string])[] = [
    [head.auxv.get(AT_SYSINFO_EHDR), '[vdso]'],
    [head.auxv.get(AT_RANDOM), '[stack]'],
  ];
  // What is not written to takes no memory.
  const bytes = Buffer.allocUnsafeSlow(MAX_BYTES);
  let length = 0;
  for (const { start, end, flags, file } of mappingsOf(head)) {
    const permissions = `${flags & 4 ? 'r' : '-'}${flags & 2 ? 'w' : '-'}${flags & 1 ? 'x' : '-'}p`;
    const offset = hex(file?.offset ?? 0n);
    const name =
      named.find(([address]) => address !== undefined && start <= address && address < end)?.[1] ?? '';
    const path = file === null ? name : pathOf(file);
    const line = `${hex(start)}-${hex(end)} ${permissions} ${offset} 00:00 0 ${path}\n`;
    if (length + line.length > MAX_BYTES) return { bytes: bytes.subarray(0, length), isCut: true };
    length += bytes.write(line, length, 'latin1');
  }
  return { bytes: bytes.subarray(0, length), isCut: false };
}

interface CoreMapping {
  start: bigint;
  end: bigint;
  flags: number;
  file: MappedFile | null;
}

/** Segments, and files where no segment begins, by address. */
function* mappingsOf({ segments, files }: Pick<CoreHead, 'segments' | 'files'>): Generator<CoreMapping> {
  const sorted = files.toSorted((one, other) =>
    one.start < other.start ? -1 : one.start > other.start ? 1 : 0,
  );
  let next = 0;
  for (const { start, end, flags } of segments) {
    for (let file = sorted[next]; file !== undefined && file.start < start; file = sorted[next]) {
      yield { start: file.start, end: file.end, flags: 0, file };
      next += 1;
    }
    let own: MappedFile | null = null;
    for (let file = sorted[next]; file !== undefined && file.start === start; file = sorted[next]) {
      own = file;
      next += 1;
    }
    yield { start, end, flags, file: own };
  }
  for (const file of sorted.slice(next)) yield { start: file.start, end: file.end, flags: 0, file };
}

/** As latin1, newlines as the kernel writes them: proc_pid_maps(5). */
function pathOf({ path }: MappedFile): string {
  return path.toString('latin1').replaceAll('\n', '\\012');
}

function hex(value: bigint): string {
  return value.toString(16).padStart(8, '0');
}
