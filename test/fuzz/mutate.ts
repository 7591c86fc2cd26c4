/** Gives a whole number from 0 to `limit` - 1: see test/random.ts. */
export type Random = (limit: number) => number;

/** Changes bytes in one way; may return `bytes` itself, changed. `others` are whole inputs to take parts from. */
export type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

/** Numbers around which counts, sizes and sums go wrong: of 8, 16, 32, 47 (user space), 53 (exact), 63 and 64 bits. */
const EDGES: readonly bigint[] = [8n, 16n, 31n, 32n, 47n, 53n, 63n, 64n].flatMap((bits) => [
  2n ** bits - 4096n,
  2n ** bits - 1n,
  2n ** bits,
  2n ** bits + 1n,
]);
const SMALL: readonly bigint[] = [0n, 1n, 2n, 3n, 4n, 7n, 8n, 12n, 55n, 56n, 57n, 64n];
const WIDTHS = [1, 2, 4, 8];
/** Larger than any input grows: reading more of the same shows nothing new. */
const MAX_BYTES = 256 * 1024;
const MAX_REPEATS = 64;

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  writeNumber,
  writeNumber,
  writeTextNumber,
  writeTextNumber,
  overwrite,
  truncate,
  remove,
  repeat,
  splice,
];

/**
 * One to four changes: flipped bits, numbers near a power of two, garbage, parts cut off, left out, repeated, or taken from
 * another input.
 *
 * @returns New bytes, at most 256 KiB or as long as `bytes`.
 */
export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let mutated = Buffer.from(bytes);
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const mutation = MUTATIONS[random(MUTATIONS.length)] ?? flipBits;
    mutated = Buffer.from(mutation(mutated, random, others));
  }
  return mutated.subarray(0, Math.max(MAX_BYTES, bytes.length));
}

function flipBits(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  for (let count = 1 + random(16); count > 0; count -= 1) {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  }
  return bytes;
}

function edge(random: Random): bigint {
  const numbers = random(3) === 0 ? SMALL : EDGES;
  return numbers[random(numbers.length)] ?? 0n;
}

/** A binary number, little-endian, mostly where one may stand. */
function writeNumber(bytes: Buffer, random: Random): Buffer {
  const width = WIDTHS[random(WIDTHS.length)] ?? 4;
  if (bytes.length < width) return bytes;
  let at = random(bytes.length - width + 1);
  if (random(4) > 0) at -= at % width;
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt.asUintN(64, edge(random)));
  value.copy(bytes, at, 0, width);
  return bytes;
}

/** A number in text, decimal or hexadecimal as it was, in the place of another. */
function writeTextNumber(bytes: Buffer, random: Random): Buffer {
  const from = random(bytes.length + 1);
  const near = bytes.toString('latin1', from, from + 4096);
  const match = /[0-9a-f]*\d[0-9a-f]*/.exec(near);
  if (match === null) return bytes;
  const sign = random(8) === 0 ? '-' : '';
  const text = sign + edge(random).toString(/[a-f]/.test(match[0]) ? 16 : 10);
  const at = from + match.index;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + match[0].length)]);
}

function overwrite(bytes: Buffer, random: Random): Buffer {
  const { from, to } = range(bytes, random);
  const fixed = [0x00, 0xff, 0x0a, 0x20, 0x22, 0x5c][random(8)];
  for (let at = from; at < to; at += 1) bytes[at] = fixed ?? random(256);
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random(bytes.length + 1));
}

function remove(bytes: Buffer, random: Random): Buffer {
  const { from, to } = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const { from, to } = range(bytes, random);
  const room = Math.max(0, MAX_BYTES - bytes.length);
  const times = Math.min(1 + random(MAX_REPEATS), Math.floor(room / Math.max(1, to - from)));
  const part = bytes.subarray(from, to);
  return Buffer.concat([
    bytes.subarray(0, to),
    ...Array.from({ length: times }, () => part),
    bytes.subarray(to),
  ]);
}

function splice(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  const other = others[random(others.length)] ?? bytes;
  const { from, to } = range(other, random);
  const at = random(bytes.length + 1);
  // In place of as much, or in between.
  const rest = random(2) === 0 ? at : Math.min(bytes.length, at + to - from);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(rest)]);
}

/** A part: short ones are as likely as long ones. */
function range(bytes: Buffer, random: Random): { from: number; to: number } {
  const from = random(bytes.length + 1);
  const longest = Math.min(bytes.length - from, 1 << random(17));
  return { from, to: from + random(longest + 1) };
}
