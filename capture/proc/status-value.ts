/**
 * What a line of /proc/PID/status says (proc_pid_status(5)), as the kernel prints it, without the white space in front of it. It escapes
 * newlines in Name, which is the first line, so what begins another line is the kernel's own.
 *
 * @returns Null where there is no such line.
 */
export function statusValue(status: Buffer, name: string): string | null {
  const label = `${name}:`;
  const line = status.indexOf(`\n${label}`, 0, 'latin1');
  const from = status.toString('latin1', 0, label.length) === label ? 0 : line === -1 ? -1 : line + 1;
  if (from === -1) return null;
  const end = status.indexOf(0x0a, from);
  return status.toString('latin1', from + label.length, end === -1 ? status.length : end).trim();
}

/** The numbers of a line, null where there is no such line or no number: `statusNumbers(status, 'Uid')` has four. */
export function statusNumbers(status: Buffer, name: string): number[] | null {
  const numbers = statusValue(status, name)?.match(/\d+/g)?.map(Number) ?? [];
  return numbers.length > 0 ? numbers : null;
}
