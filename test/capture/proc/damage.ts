import { randomFrom } from '../../random.ts';

/**
 * Calls a parser with `bytes` cut at every length, then with one to eight flipped bits, `flips` times.
 *
 * @throws An error that tells what the damage was, where the parser threw.
 */
export function damage(bytes: Buffer, parse: (damaged: Buffer) => unknown, flips = 2000): void {
  const check = (damaged: Buffer, what: string) => {
    try {
      parse(damaged);
    } catch (cause) {
      throw new Error(`threw on input ${what}`, { cause });
    }
  };
  for (let length = 0; length <= bytes.length; length += 1)
    check(bytes.subarray(0, length), `cut at ${length}`);
  for (let seed = 1; seed <= flips; seed += 1) {
    const random = randomFrom(seed);
    const damaged = Buffer.from(bytes);
    for (let count = 1 + random(8); count > 0; count -= 1) {
      const at = random(damaged.length);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
    }
    check(damaged, `with bits flipped by seed ${seed}`);
  }
}
