/** A line of /proc/PID/status. */
export interface StatusLine {
  name: string;
  /** As the kernel prints it (`1044 kB`), without the white space around; the Name is the process's own choice. */
  value: Buffer;
}

/** The kernel prints about 60; anything longer is no status. */
const MAX_LINES = 256;

/**
 * Parses /proc/PID/status (proc_pid_status(5)). The kernel escapes newlines and backslashes in Name, so a line is a
 * line; lines without a colon are passed over.
 */
export function parseStatus(bytes: Buffer): StatusLine[] {
  const lines: StatusLine[] = [];
  for (let from = 0; from < bytes.length && lines.length < MAX_LINES; ) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline === -1 ? bytes.length : newline;
    const colon = bytes.indexOf(0x3a, from);
    if (colon !== -1 && colon < end) {
      const name = bytes.toString('latin1', from, colon).trim();
      if (/^\w+$/.test(name)) lines.push({ name, value: trimmed(bytes.subarray(colon + 1, end)) });
    }
    from = end + 1;
  }
  return lines;
}

function trimmed(bytes: Buffer): Buffer {
  const isBlank = (byte: number | undefined) => byte === 0x09 || byte === 0x20;
  let from = 0;
  let to = bytes.length;
  while (from < to && isBlank(bytes[from])) from += 1;
  while (to > from && isBlank(bytes[to - 1])) to -= 1;
  return bytes.subarray(from, to);
}
