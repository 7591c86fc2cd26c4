/** Rounds until every bit of the seed has reached every number: as in PractRand, where the generator is from. */
const FIRST_ROUNDS = 15;

/**
 * Numbers that look random and are the same for the same seed (sfc32, 128 bits of state), so that a failing fuzz case can be
 * run again.
 *
 * @param seed A whole number from 0 to 2^53 - 1, all of which counts.
 * @param row Every seed has 2^32 rows of numbers.
 * @returns Gives a whole number from 0 to `limit` - 1, of at most 2^32.
 */
export function randomFrom(seed: number, row = 0): (limit: number) => number {
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, row >>> 0, 1];
  const next = () => {
    const number = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + number) | 0;
    return number >>> 0;
  };
  for (let round = 0; round < FIRST_ROUNDS; round += 1) next();
  return (limit) => next() % limit;
}
