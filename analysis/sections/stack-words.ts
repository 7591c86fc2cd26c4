import type { Word } from '../../report/record.ts';
import type { AddressSpace } from './address-space.ts';
import type { CoreMemory } from './core-memory.ts';

/** Words shown from sp upward. */
const WORDS = 64;
/** After an overflow sp lies below the stack: how far, is the size of the frame that did not fit. */
const OVERFLOW_BYTES = 1024n * 1024n;
/** A string is told from other bytes by this many printable ones in a row. */
const MIN_STRING = 4;
const MAX_STRING = 40;

/**
 * The words from `sp` upward, each with what it points to as far as the core itself tells: text, or the name of the
 * mapping. Fewer where the stack ends. Where nothing is at `sp`, as after an overflow, from the stack's lowest word on.
 */
export function stackWords(sp: bigint, memory: CoreMemory, addressSpace: AddressSpace): Word[] {
  const { wordBytes, readBigWord } = memory.elfClass;
  const start = memory.firstFrom(sp, OVERFLOW_BYTES) ?? sp;
  const bytes = memory.read(start, WORDS * wordBytes);
  const words: Word[] = [];
  for (let at = 0; at + wordBytes <= bytes.length; at += wordBytes) {
    const value = readBigWord(bytes, at);
    words.push({
      address: (start + BigInt(at)).toString(16).padStart(16, '0'),
      value: value.toString(16).padStart(16, '0'),
      note: noteFor(value, null, memory, addressSpace),
    });
  }
  return words;
}

/**
 * What `value` points to: a symbol where gdb has one, else the mapping's name; and the text there, where it is text.
 *
 * @param symbol `main+21`, null where there is none.
 */
export function noteFor(
  value: bigint,
  symbol: string | null,
  memory: CoreMemory,
  addressSpace: AddressSpace,
): string | null {
  const place = symbol ?? addressSpace.nameOf(value);
  const text = stringAt(value, memory);
  const parts = [place, text === null ? null : JSON.stringify(text)];
  const note = parts.filter((part) => part !== null).join(' ');
  return note === '' ? null : note;
}

/** The start of a C string of printable ASCII; what is cut ends in `...`. */
function stringAt(address: bigint, memory: CoreMemory): string | null {
  const bytes = memory.read(address, MAX_STRING + 1);
  const length = bytes.findIndex((byte) => byte < 0x20 || byte > 0x7e);
  const isCut = length === -1 && bytes.length > MAX_STRING;
  if (!isCut && (length < MIN_STRING || bytes[length] !== 0)) return null;
  return isCut ? `${bytes.toString('latin1', 0, MAX_STRING)}...` : bytes.toString('latin1', 0, length);
}
