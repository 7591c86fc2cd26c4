/** Time for making an input smaller: a smaller one is a help, no more. */
const LIMIT_MS = 10_000;

/**
 * Makes an input smaller that something is wrong with: parts are left out, halves first, and what remains is set to `0`
 * where that changes nothing.
 *
 * @param isWrong Whether the same is still wrong with an input.
 */
export async function minimise(
  input: Buffer,
  isWrong: (input: Buffer) => Promise<boolean>,
  limitMs = LIMIT_MS,
): Promise<Buffer> {
  const deadline = performance.now() + limitMs;
  let smallest = input;
  for (let part = Math.ceil(input.length / 2); part >= 1; ) {
    let hasShrunk = false;
    for (let at = 0; at < smallest.length && performance.now() < deadline; ) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + part)]);
      if (await isWrong(shorter)) {
        smallest = shorter;
        hasShrunk = true;
      } else {
        at += part;
      }
    }
    if (performance.now() >= deadline || (part === 1 && !hasShrunk)) break;
    part = Math.max(1, Math.floor(part / 2));
  }
  for (let at = 0; at < smallest.length && performance.now() < deadline; at += 1) {
    if (smallest[at] === 0x30 || smallest[at] === 0) continue;
    const simpler = Buffer.from(smallest);
    simpler[at] = 0x30;
    if (await isWrong(simpler)) smallest = simpler;
  }
  return smallest;
}
