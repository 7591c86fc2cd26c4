/** A line of /proc/PID/maps. */
export interface MapsLine {
  start: bigint;
  end: bigint;
  /** `r-xp` */
  permissions: string;
  /** Bytes into the file. */
  offset: bigint;
  /** `fe:01` */
  device: string;
  inode: number;
  /** ` (deleted)` may stand at the end. Null for anonymous memory. */
  path: Buffer | null;
}

const LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][sp]) ([0-9a-f]{1,16}) ([0-9a-f]{2,}:[0-9a-f]{2,}) (\d{1,15})[ \t]*/;

/**
 * The mappings in /proc/PID/maps (proc_pid_maps(5)), one at a time: a process may have 65,530 (vm.max_map_count) and
 * far more where that was raised. Lines of another form, such as a torn last one, are passed over.
 */
export function* parseMaps(bytes: Buffer): Generator<MapsLine> {
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    // The kernel ends every line: without the newline it is cut.
    if (newline === -1) return;
    const line = mapsLine(bytes.subarray(from, newline));
    if (line !== null) yield line;
    from = newline + 1;
  }
}

function mapsLine(bytes: Buffer): MapsLine | null {
  // Only the head is text by nature; it is at most 100 bytes.
  const match = LINE.exec(bytes.toString('latin1', 0, 128));
  if (match === null) return null;
  const [head, start = '0', end = '0', permissions = '', offset = '0', device = '', inode = '0'] = match;
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    permissions,
    offset: BigInt(`0x${offset}`),
    device,
    inode: Number(inode),
    path: bytes.length > head.length ? unescaped(bytes.subarray(head.length)) : null,
  };
}

/**
 * The kernel writes a newline as `\\012` and nothing else so (fs/proc/task_mmu.c, show_map_vma()); a name that holds these
 * four characters itself cannot be told from it.
 */
function unescaped(path: Buffer): Buffer {
  if (!path.includes('\\012')) return path;
  return Buffer.from(path.toString('latin1').replaceAll('\\012', '\n'), 'latin1');
}
