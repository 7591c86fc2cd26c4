import type { Record as CrashRecord } from './record.ts';

/** Digits of an address in a record, and those that one of a process of 32 bits has. */
const DIGITS = 16;
const DIGITS_OF_32_BITS = 8;

/**
 * An address or register of a record as the text shows it: 8 digits where the process had addresses of 32 bits.
 *
 * @param address 16 hex digits.
 */
export function addressText(address: string, { process }: Pick<CrashRecord, 'process'>): string {
  const zeros = DIGITS - DIGITS_OF_32_BITS;
  const isShort = process.addressBits === 32 && address.startsWith('0'.repeat(zeros));
  return isShort ? address.slice(zeros) : address;
}
