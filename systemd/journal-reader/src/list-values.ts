import { failedCall } from './journal-error.ts';
import type { Libsystemd } from './libsystemd.ts';
import { collector, readString, result, resultAddress } from './native-memory.ts';

/**
 * Every different value of a field: sd_journal_query_unique(3).
 *
 * @param field A name that was checked.
 * @param bounds At most so many values, and of each at most so many bytes.
 */
export function listUniqueValues(
  lib: Libsystemd,
  journal: number,
  { field, limit, maxFieldBytes }: { field: string; limit: number; maxFieldBytes: number },
): Buffer[] {
  const failed = lib.queryUnique(journal, field);
  if (failed < 0) throw failedCall('sd_journal_query_unique', failed, field);
  const values: Buffer[] = [];
  const prefixBytes = field.length + 1;
  while (values.length < limit) {
    const status = lib.enumerateUnique(journal, resultAddress(0), resultAddress(1));
    if (status < 0) throw failedCall('sd_journal_enumerate_available_unique', status, field);
    if (status === 0) break;
    collector.length = 0;
    collector.append(result(0), Math.min(result(1), prefixBytes + maxFieldBytes));
    values.push(collector.take().subarray(prefixBytes));
  }
  return values;
}

/** The names of all fields, sorted: sd_journal_enumerate_fields(3). */
export function listFieldNames(lib: Libsystemd, journal: number): string[] {
  const names: string[] = [];
  lib.restartFields(journal);
  for (;;) {
    const status = lib.enumerateFields(journal, resultAddress(0));
    if (status < 0) throw failedCall('sd_journal_enumerate_fields', status);
    if (status === 0) return names.sort();
    names.push(readString(result(0)));
  }
}
