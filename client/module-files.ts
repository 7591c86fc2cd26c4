import type { Captured } from '../capture/captured.ts';
import type { OwnMounts } from '../capture/own-mounts.ts';
import { MAX_DESCRIPTORS } from '../linux/message-header.ts';
import type { ModuleFile } from '../protocol/codec.ts';

/**
 * The files of a crash's modules that the server keeps until the crash is analysed: the executable, what the process had for its root
 * directory, and those to which no path leads first, because a message carries at most 253 descriptors.
 *
 * @returns What to say of each, and the descriptors in the same order; they stay the caller's.
 */
export function moduleFilesOf({
  modules,
  mounts,
  snapshot,
}: Pick<Captured, 'modules' | 'mounts' | 'snapshot'>): {
  files: ModuleFile[];
  descriptors: number[];
} {
  const isElsewhere = snapshot.namespaces?.hasOwnMounts !== false;
  const found: { file: ModuleFile; fd: number; rank: number }[] = [];
  for (const [module, { fd, mayBlock, deleted, isExecutable }] of modules.entries()) {
    if (fd === null) continue;
    // A path of a file system that may not answer is not to be tried.
    const onlyHere = isElsewhere || deleted || mayBlock;
    const file = { module, mayBlock, onlyHere, place: '' };
    found.push({ file, fd, rank: isExecutable ? 0 : onlyHere ? 2 : 3 });
  }
  for (const [place, fd] of mounts === null ? [] : placesOf(mounts)) {
    found.push({ file: { module: 0, mayBlock: true, onlyHere: true, place }, fd, rank: 1 });
  }
  found.sort((one, other) => one.rank - other.rank);
  const sent = found.slice(0, MAX_DESCRIPTORS);
  return { files: sent.map(({ file }) => file), descriptors: sent.map(({ fd }) => fd) };
}

function placesOf({ root, namespace }: OwnMounts): [place: string, fd: number][] {
  return [
    ['root', root],
    ['mounts', namespace],
  ];
}
