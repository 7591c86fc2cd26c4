import { fill } from '../columns.ts';
import { printable } from '../printable-text.ts';
import { readableBytes, readableMs } from '../readable-amounts.ts';
import type { Record as CrashRecord } from '../record.ts';

const LABEL_COLUMNS = 11;

/** How the report was made: the way, its steps, the small core, gdb, what was odd, and what is missing and why. */
export function collectionLines({ collection, missing, quickKey }: CrashRecord): string[] {
  const { core, gdb } = collection;
  const label = (text: string) => text.padEnd(LABEL_COLUMNS);
  const steps = collection.steps.map(({ name, atMs }) => `${printable(name)} ${readableMs(atMs)}, `);
  const lastStep = steps.pop()?.slice(0, -2) ?? 'none';
  const list = (title: string, items: string[]) =>
    items.length === 0 ? [] : [title, ...items.map((item) => `  ${printable(item)}`)];
  return [
    `${label('Mode')}${printable(collection.mode)}`,
    `${label('Quick key')}${printable(quickKey ?? 'none')}`,
    ...fill([...steps, lastStep], label('Steps'), label('')),
    ...(collection.stoppedMs == null ? [] : [`${label('Stopped')}${readableMs(collection.stoppedMs)}`]),
    `${label('Core')}${core === null ? 'none' : coreText(core)}`,
    `${label('gdb')}${gdb === null ? 'not run' : `${printable(gdb.version ?? 'unknown version')}, ${gdb.durationMs} ms`}`,
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
