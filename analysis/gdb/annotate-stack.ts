import type { Word } from '../../report/record.ts';
import type { AddressSpace } from '../sections/address-space.ts';
import type { CoreMemory } from '../sections/core-memory.ts';
import { noteFor } from '../sections/stack-words.ts';
import type { GdbSession } from './gdb-session.ts';
import { addressIn, tuplesIn } from './parse-mi.ts';

const MAX_SYMBOL = 300;

/**
 * Adds the symbols that stack words point to. `-data-read-memory` is deprecated, and the only MI command that says
 * symbols: its format `a` is that of `x/a`.
 *
 * @param words As stackWords() made them.
 * @returns New words; the same ones where gdb cannot read the memory, with the reason.
 */
export async function annotateStack(
  gdb: GdbSession,
  words: readonly Word[],
  memory: CoreMemory,
  addressSpace: AddressSpace,
): Promise<{ words: Word[]; reason: string | null }> {
  const [first] = words;
  if (first === undefined) return { words: [], reason: null };
  const reply = await gdb.send(
    `-data-read-memory 0x${first.address} a ${memory.elfClass.wordBytes} ${words.length} 1`,
  );
  if (!reply.ok) return { words: [...words], reason: reply.reason };
  const symbols = new Map<string, string>();
  for (const row of tuplesIn(reply.results, 'memory')) {
    const address = addressIn(row, 'addr');
    const data = row.get('data');
    const value = Array.isArray(data) ? data[0] : undefined;
    const symbol = typeof value === 'string' ? symbolIn(value) : null;
    if (address === null || symbol === null) continue;
    symbols.set(address.toString(16).padStart(16, '0'), symbol);
  }
  for (const [address, symbol] of await symbolsOfHighWords(gdb, words, memory)) symbols.set(address, symbol);
  const annotated = words.map((word) => {
    const symbol = symbols.get(word.address);
    if (symbol === undefined) return word;
    return { ...word, note: noteFor(BigInt(`0x${word.value}`), symbol, memory, addressSpace) };
  });
  return { words: annotated, reason: null };
}

/**
 * Asks for those words one by one whose highest bit is set, as in every pointer to a library of an i386 program: read
 * from memory gdb (13.1) takes them for negative numbers, and finds no symbol at those.
 *
 * @returns Pairs of a word's address and the symbol that it points to.
 */
async function symbolsOfHighWords(
  gdb: GdbSession,
  words: readonly Word[],
  { elfClass }: CoreMemory,
): Promise<[string, string][]> {
  const highest = 1n << BigInt(elfClass.bits - 1);
  const high = words.filter(({ value, note }) => note !== null && BigInt(`0x${value}`) >= highest);
  const found = high.map(async ({ address, value }): Promise<[string, string][]> => {
    // A decimal number is the same in every language that gdb may have chosen for the program.
    const reply = await gdb.sendConsole(`output/a ${BigInt(`0x${value}`)}`);
    const symbol = reply.ok ? symbolIn(reply.text) : null;
    return symbol === null ? [] : [[address, symbol]];
  });
  return (await Promise.all(found)).flat();
}

/** `0x55ceaf1f41c0 <main+21>` -> `main+21`. The name was the program's to choose: all between the first and the last bracket. */
function symbolIn(text: string): string | null {
  return /^0x[0-9a-f]+ <(.+)>$/s.exec(text)?.[1]?.slice(0, MAX_SYMBOL) ?? null;
}
