import { join } from 'node:path';
import { eventOfCrashId } from './history-line.ts';
import { HISTORY_FILES } from './history-writer.ts';
import { openIfThere } from './open-if-there.ts';

/** Of a line of ours; what stands in its strings cannot look like this, for their quotes are escaped. */
const CRASH_ID = /"crashId":"([0-9a-f-]{1,100})"/;
const COLLECTED = /"collected":"([a-z ]{1,40})"/;

/**
 * What the history says last of the crashes of some processes.
 *
 * @param pids Their numbers, which others may have had before.
 * @param sinceUs Microseconds since the epoch: files that are older are not read.
 * @returns `collected` by crash id.
 * @throws Node's error where a file is there and cannot be read.
 */
export async function toldCrashes(
  logDir: string,
  pids: ReadonlySet<number>,
  sinceUs: number,
): Promise<Map<string, string>> {
  const told = new Map<string, string>();
  for (const name of HISTORY_FILES.toReversed()) {
    const file = await openIfThere(join(logDir, name));
    if (file === null) continue;
    try {
      if ((await file.stat()).mtimeMs < sinceUs / 1000) continue;
      for await (const line of file.readLines({ autoClose: false })) {
        const [crashId, collected] = [CRASH_ID, COLLECTED].map((field) => field.exec(line)?.[1]);
        if (crashId === undefined || collected === undefined) continue;
        if (pids.has(eventOfCrashId(crashId).pid)) told.set(crashId, collected);
      }
    } finally {
      await file.close();
    }
  }
  return told;
}
