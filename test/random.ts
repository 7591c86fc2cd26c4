/**
 * Numbers that look random and are the same for the same seed (mulberry32), so that a failing fuzz case can be run
 * again.
 *
 * @returns Gives a whole number from 0 to `limit` - 1.
 */
export function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
