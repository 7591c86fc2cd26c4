/** What /proc/PID/smaps says of one mapping, as far as the kernel's dump depends on it. */
export interface SmapsEntry {
  /** Its line in /proc/PID/maps, byte for byte, without the newline. */
  line: Buffer;
  /** Pages of its own: anonymous memory, or written copies of a private file mapping; swapped ones too. */
  hasOwnPages: boolean;
  /** VmFlags: `dd` for MADV_DONTDUMP, `sh` shared, `io` device memory, `ht` huge pages. */
  flags: ReadonlySet<string>;
}

/** A mapping takes some 800 bytes; a path may have 4,096 more. What is longer is garbage. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** A line of /proc/PID/maps begins with an address, a field of smaps with its name. */
const HEAD = /^[0-9a-f]+-[0-9a-f]+ /;
const OWN_PAGES = /\n(?:Anonymous|Swap): +[1-9]/;
const FLAGS = /\nVmFlags: ([a-z0-9? ]*)/;

/**
 * Reads /proc/PID/smaps (proc_pid_smaps(5)) as it comes, in pieces: of a process with 65,530 mappings it has 50 MB.
 */
export class SmapsParser {
  #rest: Buffer = Buffer.alloc(0);

  /** The mappings that end in this piece; parts of other form are passed over. */
  push(piece: Buffer): SmapsEntry[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const entries: SmapsEntry[] = [];
    let from = 0;
    for (;;) {
      // VmFlags is the last field of every mapping: fs/proc/task_mmu.c, show_smap().
      const last = bytes.indexOf('\nVmFlags:', from);
      const end = last === -1 ? -1 : bytes.indexOf(0x0a, last + 1);
      if (end === -1) break;
      const entry = smapsEntry(bytes.subarray(from, end));
      if (entry !== null) entries.push(entry);
      from = end + 1;
    }
    const rest = bytes.subarray(from);
    this.#rest = Buffer.from(rest.length > MAX_BLOCK_BYTES ? rest.subarray(0, 0) : rest);
    return entries;
  }
}

function smapsEntry(block: Buffer): SmapsEntry | null {
  const end = block.indexOf(0x0a);
  if (end === -1) return null;
  const line = Buffer.from(block.subarray(0, end));
  if (!HEAD.test(line.toString('latin1', 0, 64))) return null;
  const fields = block.toString('latin1', end);
  const flags = FLAGS.exec(fields)?.[1];
  if (flags === undefined) return null;
  return { line, hasOwnPages: OWN_PAGES.test(fields), flags: new Set(flags.trim().split(' ')) };
}
