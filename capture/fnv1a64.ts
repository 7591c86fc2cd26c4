/**
 * FNV-1a with 64 bits (draft-eastlake-fnv), as two halves. Not sha256, because loading node:crypto takes 10 ms in a cold
 * process, while the dead one is held. Nobody gains by making two crashes look equal: the one that is then not reported
 * would be their own.
 *
 * @param text Of each character the lower 8 bits count.
 * @returns 16 hex digits.
 */
export function fnv1a64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let index = 0; index < text.length; index += 1) {
    low = (low ^ (text.charCodeAt(index) & 0xff)) >>> 0;
    // Times the prime 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
