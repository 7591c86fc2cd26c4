import { trimHeap } from './malloc-trim.ts';

/** Long enough that a storm is not slowed down by it, short enough that nobody finds memory that nobody uses. */
const SOON_MS = 2_000;

/** @returns Has freed memory given back after {@link SOON_MS}; what it is called meanwhile is the same request. */
export function trimSoon(): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      trimHeap();
    }, SOON_MS).unref();
  };
}
