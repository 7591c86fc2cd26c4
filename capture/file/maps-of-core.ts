import type { CoreHead, MappedFile } from '../captured.ts';

/** a_type: getauxval(3). */
const AT_SYSINFO_EHDR = 33n;
const AT_RANDOM = 25n;

/**
 * The mappings of a core in the form of /proc/PID/maps, as far as its program headers and NT_FILE tell: device and inode
 * are 0, shared and private look alike. A file that only NT_FILE names (gcore leaves code out altogether) has no
 * permissions here, and other mappings without memory in the core may be missing.
 */
export function mapsOfCore({ segments, files, auxv }: CoreHead): Buffer {
  const fileAt = new Map(files.map((file) => [file.start, file]));
  const starts = new Set(segments.map(({ start }) => start));
  const others = files.filter(({ start }) => !starts.has(start));
  const all = [...segments, ...others.map(({ start, end }) => ({ start, end, flags: 0 }))];
  all.sort((one, other) => (one.start < other.start ? -1 : one.start > other.start ? 1 : 0));
  const named: readonly (readonly [bigint | undefined, string])[] = [
    [auxv.get(AT_SYSINFO_EHDR), '[vdso]'],
    [auxv.get(AT_RANDOM), '[stack]'],
  ];
  const parts: Buffer[] = [];
  for (const { start, end, flags } of all) {
    const file = fileAt.get(start) ?? null;
    const permissions = `${flags & 4 ? 'r' : '-'}${flags & 2 ? 'w' : '-'}${flags & 1 ? 'x' : '-'}p`;
    const offset = hex(file?.offset ?? 0n);
    const name =
      named.find(([address]) => address !== undefined && start <= address && address < end)?.[1] ?? '';
    parts.push(
      Buffer.from(`${hex(start)}-${hex(end)} ${permissions} ${offset} 00:00 0 `),
      file === null ? Buffer.from(name) : pathOf(file),
      Buffer.from('\n'),
    );
  }
  return Buffer.concat(parts);
}

/** Newlines as the kernel writes them: proc_pid_maps(5). */
function pathOf({ path }: MappedFile): Buffer {
  return path.includes('\n')
    ? Buffer.from(path.toString('latin1').replaceAll('\n', '\\012'), 'latin1')
    : path;
}

function hex(value: bigint): string {
  return value.toString(16).padStart(8, '0');
}
