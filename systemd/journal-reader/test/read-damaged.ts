/**
 * Reads a journal file again and again, each time damaged in another way: a program of its own, since libsystemd is C
 * code that might crash or never end. Prints how many were read and how many refused.
 *
 *   node read-damaged.ts FILE [ROUNDS [SEED]]
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomFrom } from '../../../test/random.ts';
import { Journal, JournalError } from '../src/index.ts';

/** The header of a journal file: its offsets and counts are what everything else is found by. */
const HEADER_BYTES = 272;

const [, , file = '', rounds = '200', seed = '20260731'] = process.argv;
const below = randomFrom(Number(seed));
const whole = readFileSync(file);
// What lies behind the last entry is empty space, where damage would do nothing.
const usedBytes = whole.findLastIndex((byte) => byte !== 0) + 1;

/** Each gets a copy of the file and gives what is to be written. */
const DAMAGES: readonly ((copy: Buffer) => Buffer)[] = [
  // Bits flipped in the header.
  (copy) => flip(copy, HEADER_BYTES),
  // Bits flipped anywhere.
  (copy) => flip(copy, usedBytes),
  // A block that was never written.
  (copy) => {
    const start = HEADER_BYTES + below(usedBytes - HEADER_BYTES);
    return copy.fill(0, start, start + 1 + below(4096));
  },
  // A word that is a lie: an offset, a count, a hash.
  (copy) => {
    const at = below(Math.floor(usedBytes / 8)) * 8;
    const lies = [0n, 1n, 0xffff_ffff_ffff_ffffn, 0x7fff_ffff_ffff_fff8n, BigInt(below(usedBytes)) & ~7n];
    copy.writeBigUInt64LE(lies[below(lies.length)] ?? 0n, at);
    return copy;
  },
  // Cut, and the header's size (byte 96 on) made to fit, as otherwise it would be refused.
  (copy) => {
    const bytes = HEADER_BYTES + below(usedBytes - HEADER_BYTES);
    copy.writeBigUInt64LE(BigInt(bytes - HEADER_BYTES), 96);
    return copy.subarray(0, bytes);
  },
];

function flip(copy: Buffer, limit: number): Buffer {
  for (let flips = 0; flips < 8; flips++) {
    const at = below(limit);
    copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
  }
  return copy;
}

const counts = { seed: Number(seed), read: 0, refused: 0, entries: 0 };
for (let round = 0; round < Number(rounds); round++) {
  const damage = DAMAGES[round % DAMAGES.length];
  if (damage === undefined) break;
  const path = `${file}.damaged.journal`;
  writeFileSync(path, damage(Buffer.from(whole)));
  try {
    using journal = Journal.open({ files: [path] });
    for (const entry of journal.entries({ limit: 1000, cursor: true }))
      counts.entries += entry.toJSON() ? 1 : 0;
    for (const _ of journal.seekTail().entries({ limit: 1000, direction: 'backward' })) counts.entries += 1;
    journal.uniqueValues('MESSAGE', 1000);
    journal.fieldNames();
    journal.boots();
    counts.read += 1;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    counts.refused += 1;
  } finally {
    rmSync(path);
  }
}
console.log(JSON.stringify(counts));
