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
    // The name was the program's to choose and may hold anything: all between the first and the last bracket.
    const symbol = typeof value === 'string' ? /^0x[0-9a-f]+ <(.+)>$/s.exec(value)?.[1] : undefined;
    if (address === null || symbol === undefined) continue;
    symbols.set(address.toString(16).padStart(16, '0'), symbol.slice(0, MAX_SYMBOL));
  }
  const annotated = words.map((word) => {
    const symbol = symbols.get(word.address);
    if (symbol === undefined) return word;
    return { ...word, note: noteFor(BigInt(`0x${word.value}`), symbol, memory, addressSpace) };
  });
  return { words: annotated, reason: null };
}
