import type { CoreHead } from './captured.ts';
import { NotedThread } from './noted-thread.ts';

/** Notes up to here may stay: of some 5,000 threads. */
const KEPT_NOTE_BYTES = 16 * 1024 * 1024;

/**
 * Gives back the notes of thousands of threads once a small core has its own: up to 72 MiB, before as much is needed for the
 * memory of those threads. Nothing points into them afterwards.
 *
 * @param shrunk What takes their place: the same without most of the threads' notes.
 */
export function releaseNotes(head: CoreHead, shrunk: Buffer): void {
  if (head.noteBytes.length <= KEPT_NOTE_BYTES) return;
  head.noteBytes = shrunk;
  head.threads = head.threads.map((thread) => (thread instanceof NotedThread ? thread.detached() : thread));
  // V8 would wait until there is as much again. Where nobody has so many threads, none of this is loaded.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const collect: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
