import { addressText } from '../address-text.ts';
import { grid } from '../columns.ts';
import { printable } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

const COLUMNS = 4;

/** EFLAGS of x86 by bit (Intel SDM vol. 1, 3.4.3); bit 1 is always set and IOPL has two bits. */
const X86_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0, 'CF'],
  [2, 'PF'],
  [4, 'AF'],
  [6, 'ZF'],
  [7, 'SF'],
  [8, 'TF'],
  [9, 'IF'],
  [10, 'DF'],
  [11, 'OF'],
  [14, 'NT'],
  [16, 'RF'],
  [17, 'VM'],
  [18, 'AC'],
  [19, 'VIF'],
  [20, 'VIP'],
  [21, 'ID'],
];

/** Registers of the crashed thread, four beside each other, the flags decoded. */
export function registerLines(record: CrashRecord): string[] | null {
  const { registers } = record;
  if (registers === null) return null;
  const nameWidth = Math.max(...registers.map(({ name }) => name.length), 0);
  return grid(
    registers.map(({ name, value }) => {
      const cell = `${printable(name).padEnd(nameWidth)} ${addressText(value, record)}`;
      return name === 'eflags' ? `${cell} ${flagsText(value)}` : cell;
    }),
    COLUMNS,
  );
}

/** `[PF ZF IF]` */
function flagsText(value: string): string {
  const bits = BigInt(`0x${value}`);
  return `[${X86_FLAGS.filter(([bit]) => (bits >> BigInt(bit)) & 1n)
    .map(([, name]) => name)
    .join(' ')}]`;
}
