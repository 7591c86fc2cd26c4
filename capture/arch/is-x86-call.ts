/** Bytes before a return address that {@link isX86Call} wants to see: the longest of its forms and a prefix. */
export const X86_CALL_BYTES = 8;

/**
 * Whether an instruction that calls ends where `code` ends. Intel SDM, CALL: E8 rel32, and FF /2 with each of its
 * addressing forms, which have the same length with 32 and with 64 bits; prefixes do not matter, they come first.
 */
export function isX86Call(code: Buffer): boolean {
  const length = code.length;
  const back = (count: number) => code[length - count] ?? 0;
  if (length < X86_CALL_BYTES) return false;
  if (back(5) === 0xe8) return true;
  const modrm = (count: number) =>
    back(count) === 0xff && (back(count - 1) & 0x38) === 0x10 ? back(count - 1) : -1;
  const two = modrm(2);
  if (two !== -1) {
    const isRegister = two >= 0xc0;
    const isPlainMemory = two < 0x40 && (two & 7) !== 4 && (two & 7) !== 5;
    if (isRegister || isPlainMemory) return true;
  }
  const three = modrm(3);
  if (three !== -1 && ((three >= 0x40 && three < 0x80 && (three & 7) !== 4) || three === 0x14)) return true;
  if (modrm(4) === 0x54) return true;
  const six = modrm(6);
  if (six !== -1 && ((six >= 0x80 && six < 0xc0 && (six & 7) !== 4) || six === 0x15)) return true;
  return modrm(7) === 0x94 || modrm(7) === 0x14;
}
