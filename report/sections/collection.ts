import { table } from '../columns.ts';
import { printable } from '../printable-text.ts';
import { readableBytes, readableMs } from '../readable-amounts.ts';
import type { Record as CrashRecord } from '../record.ts';

/** How the report was made: the way, its steps, the small core, gdb, what was odd, and what is missing and why. */
export function collectionLines({ collection, missing, quickKey }: CrashRecord): string[] {
  const { core, gdb } = collection;
  const rows = [
    ['Mode', printable(collection.mode)],
    ['Quick key', quickKey ?? 'none'],
    [
      'Steps',
      collection.steps.map(({ name, atMs }) => `${printable(name)} ${readableMs(atMs)}`).join(', ') || 'none',
    ],
    ['Core', core === null ? 'none' : coreText(core)],
    [
      'gdb',
      gdb === null ? 'not run' : `${printable(gdb.version ?? 'unknown version')}, ${gdb.durationMs} ms`,
    ],
  ];
  const list = (title: string, items: string[]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => `  ${printable(item)}`)];
  return [
    ...table(rows),
    ...list('Left out of the core', core?.omitted ?? []),
    ...list('Notes', collection.notes),
    ...list(
      'Missing',
      Object.entries(missing).map(([name, reason]) => `${name}: ${reason}`),
    ),
  ];
}

function coreText({
  bytes,
  compressedBytes,
  budgetBytes,
}: NonNullable<CrashRecord['collection']['core']>): string {
  const onDisk = compressedBytes === null ? '' : `, ${readableBytes(compressedBytes)} on disk`;
  return `${readableBytes(bytes)} of at most ${readableBytes(budgetBytes)}${onDisk}`;
}
