import { addressText } from '../address-text.ts';
import { table } from '../columns.ts';
import { printable } from '../printable-text.ts';
import type { Record as CrashRecord, MemoryWindow } from '../record.ts';

const ROW_BYTES = 16;

/** The words of the stack from sp on: address, value, what it points to. */
export function stackLines(record: CrashRecord): string[] | null {
  const { stack } = record;
  if (stack === null) return null;
  return table(
    stack.map(({ address, value, note }) => [
      addressText(address, record),
      addressText(value, record),
      note === null ? '' : printable(note),
    ]),
  );
}

/** Memory around what the registers point to, as hexdump -C shows it. */
export function memoryLines(record: CrashRecord): string[] | null {
  const { memory } = record;
  if (memory === null) return null;
  return memory.flatMap((window, at) => [...(at === 0 ? [] : ['']), ...windowLines(window, record)]);
}

/** Rows that are equal to the one before stand as `*`, as in hexdump; the last is always there. */
function windowLines(window: MemoryWindow, record: CrashRecord): string[] {
  const mapping = window.mapping === null ? '' : `  in ${printable(window.mapping)}`;
  const lines = [`${printable(window.label)}${mapping}`];
  const bytes = Buffer.from(window.hex, 'hex');
  const start = BigInt(`0x${window.address}`);
  let isFolding = false;
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const row = bytes.subarray(at, at + ROW_BYTES);
    const isLast = at + ROW_BYTES >= bytes.length;
    if (at > 0 && !isLast && row.equals(bytes.subarray(at - ROW_BYTES, at))) {
      if (!isFolding) lines.push('*');
      isFolding = true;
      continue;
    }
    isFolding = false;
    const address = BigInt.asUintN(64, start + BigInt(at))
      .toString(16)
      .padStart(16, '0');
    lines.push(rowLine(addressText(address, record), row));
  }
  return lines;
}

function rowLine(address: string, row: Buffer): string {
  const cells = Array.from({ length: ROW_BYTES }, (_, at) => row[at]?.toString(16).padStart(2, '0') ?? '  ');
  const hex = `${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}`;
  const ascii = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
  return `${address}  ${hex}  |${ascii}|`;
}
