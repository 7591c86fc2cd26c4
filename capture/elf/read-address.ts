/**
 * A 64-bit little-endian value as a number.
 *
 * Exact below 2^53, and user space ends at 2^47 (2^56 with five-level page tables, for programs that ask for it).
 * What is larger comes out as some number above 2^53 and matches no mapping. About ten times as fast as a bigint.
 *
 * @param at Offset in `bytes`, which must hold 8 bytes from there.
 */
export function readAddress(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}
