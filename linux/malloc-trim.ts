import { libc } from './libc.ts';

/** Null in a C library that gives freed memory back by itself, or keeps it for good: musl. */
const malloc_trim = ((): ((keptBytes: number) => number) | null => {
  try {
    return libc.func('int malloc_trim(size_t pad)');
  } catch {
    return null;
  }
})();

/**
 * Gives the kernel what malloc(3) keeps of freed memory: malloc_trim(3). glibc keeps everything that lies below something that is in
 * use: a Node that has loaded its code keeps 3 to 7 MiB. Takes a millisecond.
 */
export function trimHeap(): void {
  malloc_trim?.(0);
}
