import { addressText } from '../address-text.ts';
import { table } from '../columns.ts';
import { printable } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

/** Mappings as /proc/PID/maps shows them. */
export function mapLines(record: CrashRecord): string[] | null {
  const { maps, omittedMaps } = record;
  if (maps === null) return null;
  const lines = table(
    maps.map(({ start, end, permissions, offset, device, inode, path }) => [
      `${short(addressText(start, record))}-${short(addressText(end, record))}`,
      printable(permissions),
      offset.startsWith('00000000') ? offset.slice(8) : offset,
      printable(device),
      inode === 0 ? '' : String(inode),
      path === null ? '' : printable(path),
    ]),
    [4],
  );
  return omittedMaps === null || omittedMaps === 0 ? lines : [...lines, `${omittedMaps} more left out`];
}

/** 12 digits hold every address of user space that is not kernel or 5-level paging: then all 16. */
function short(address: string): string {
  return address.length === 16 && address.startsWith('0000') ? address.slice(4) : address;
}
