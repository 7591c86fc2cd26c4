/** A word of a stack that may be the return address of a frame, the innermost first; and in front of them the program counter. */
export interface ChainLink {
  address: number;
  /** Where its function begins; null where nobody knows. */
  functionStart: number | null;
  /** The beginning of the function that the call in front of it calls; null where that is not known. */
  calls: number | null;
}

/**
 * What two neighbours are worth. One says whom it has called, the other is that function: hardly by chance. A call through a
 * pointer fits all. A function that was left by a jump is not on the stack, so that sometimes nothing fits: a chain may
 * then go on with one that does not. Two such in a row, around one that fits its callee, are as good as one without it, and
 * the nearest is taken: a failed assert in a function that was jumped to, above the C library's cold part that aborts.
 */
const FITS_EXACTLY = 3;
const MAY_FIT = 1;
const FITS_NOT = -3;
/** Where nobody knows where functions begin: a function that begins so shortly before an address holds it. */
const NEAR_BYTES = 16 * 1024;
/** Each is compared with so many before it. */
const MAX_BACK = 48;

/**
 * Picks, of all words of a stack that look like return addresses, those of the frames that are there: the chain in which
 * each fits its neighbours best. What calls that have ended have left behind mostly fits nowhere, and it is not the same in
 * every run.
 *
 * @param links The first is the program counter.
 * @returns Those of the chain, the first included.
 */
export function bestChain<Link extends ChainLink>(links: readonly Link[]): Link[] {
  const worth: number[] = [0];
  const before: number[] = [-1];
  let best = 0;
  for (let index = 1; index < links.length; index += 1) {
    const outer = links[index];
    if (outer === undefined) break;
    let most = Number.NEGATIVE_INFINITY;
    let from = -1;
    for (let other = index - 1; other >= Math.max(0, index - MAX_BACK); other -= 1) {
      const inner = links[other];
      if (inner === undefined) break;
      const sum = (worth[other] ?? 0) + fit(inner, outer);
      if (sum > most) {
        most = sum;
        from = other;
      }
    }
    worth.push(most);
    before.push(from);
    if (most > (worth[best] ?? 0)) best = index;
  }
  const chain: Link[] = [];
  for (let index = best; index !== -1; index = before[index] ?? -1) {
    const link = links[index];
    if (link !== undefined) chain.push(link);
  }
  return chain.reverse();
}

/** How well `outer` fits as the caller of the function that `inner` is in. */
function fit(inner: ChainLink, outer: ChainLink): number {
  const start = outer.calls;
  if (start === null) return MAY_FIT;
  if (inner.functionStart !== null) return inner.functionStart === start ? FITS_EXACTLY : FITS_NOT;
  return start <= inner.address && inner.address - start < NEAR_BYTES ? FITS_EXACTLY : FITS_NOT;
}
