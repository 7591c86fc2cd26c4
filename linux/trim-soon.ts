import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trimHeap } from './malloc-trim.ts';

/** Long enough that a storm is not slowed down by it, short enough that nobody finds memory that nobody uses. */
const SOON_MS = 2_000;

/**
 * @returns Has freed memory given back after {@link SOON_MS}; what it is called meanwhile is the same request. V8 is made to look for
 *   what has died, which it does by itself only when as much has as lives: 10 ms of this thread.
 */
export function trimSoon(): () => void {
  setFlagsFromString('--expose-gc');
  // The flag holds for contexts that are made after it.
  const collect: () => void = runInNewContext('gc');
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      collect();
      trimHeap();
    }, SOON_MS).unref();
  };
}
