import { UsercrashError } from '../errors/usercrash-error.ts';

/** Bytes on a file system: so many, or a share of the whole. */
export type Amount = { bytes: number } | { percent: number };

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/**
 * Reads an amount: `10%`, `500M`, `2GiB`, `1048576`. Units are powers of 1,024.
 *
 * @throws {UsercrashError} E_SETTING.
 */
export function parseAmount(text: string): Amount {
  const [, number = '', share, unit = ''] = /^(\d+(?:\.\d+)?)(?:(%)|\s?([KMGT]?)(?:i?B)?)$/.exec(text) ?? [];
  const value = Number(number);
  if (number === '' || (share !== undefined && value > 100)) {
    throw new UsercrashError(
      'E_SETTING',
      `It is bytes (1048576, 500M, 2G) or a share (10%), and not ${text}.`,
    );
  }
  return share !== undefined ? { percent: value } : { bytes: Math.floor(value * (UNITS[unit] ?? 1)) };
}

/** @param totalBytes Size of the file system. */
export function amountInBytes(amount: Amount, totalBytes: number): number {
  return 'bytes' in amount ? amount.bytes : Math.floor((totalBytes * amount.percent) / 100);
}
