import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import type { Record as CrashRecord } from '../../report/record.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText } from '../../report/render-text.ts';
import { sampleRecord } from '../report/sample-record.ts';

/**
 * Puts a report where a server would have published it.
 *
 * @param known `ageS`: seconds since it was made.
 * @returns The path of its text.
 */
export function publishedSample(
  logDir: string,
  slot: number,
  { record = sampleRecord(), ageS = 0 }: { record?: CrashRecord; ageS?: number } = {},
): string {
  const path = join(logDir, `usercrash_${String(slot).padStart(2, '0')}`);
  writeFileSync(`${path}.core.zst`, zstdCompressSync(Buffer.from('secret memory of the process')));
  writeFileSync(`${path}.json`, renderJson(record));
  writeFileSync(path, renderText(record));
  const then = Date.now() / 1000 - ageS;
  for (const name of [`${path}.core.zst`, `${path}.json`, path]) utimesSync(name, then, then);
  return path;
}
