import { table } from '../columns.ts';
import { printable } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

/** Open descriptors: number, how it was opened, position, what it is. */
export function openFileLines({ openFiles }: CrashRecord): string[] | null {
  if (openFiles === null) return null;
  const { files, total } = openFiles;
  const rows = files.map(({ fd, target, flags, position }) => [
    String(fd),
    flags === null ? '' : printable(flags),
    position === null ? '' : String(position),
    printable(target),
  ]);
  const left = total - files.length;
  return [
    ...table([['fd', 'flags', 'position', 'target'], ...rows], [0, 2]),
    ...(left > 0 ? [`${left} of ${total} left out`] : []),
  ];
}
