import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsercrashError } from '../errors/usercrash-error.ts';
import type { FoundReport, ReportFile } from '../report/find-reports.ts';
import { MAX_RECORD_BYTES, readRecordFile } from '../report/read-record.ts';
import type { Record as CrashRecord } from '../report/record.ts';

/**
 * The record of a report.
 *
 * @throws {UsercrashError} E_NO_JSON where that is gone; {RecordError} where it is damaged; Node's error where it cannot be read.
 */
export async function recordOf({ json, text, name }: FoundReport): Promise<CrashRecord> {
  if (json !== null) return readRecordFile(json.path);
  throw new UsercrashError('E_NO_JSON', `${name} has no JSON beside it any more`, {
    fix: `its text is all there is: less ${text.path}`,
  });
}

/**
 * The bytes of a text or a core.
 *
 * @throws {UsercrashError} E_RECORD_TOO_LARGE; Node's error where it cannot be read.
 */
export async function readReportFile({ path }: ReportFile): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > MAX_RECORD_BYTES)
      throw new UsercrashError(
        'E_RECORD_TOO_LARGE',
        `${path} is ${size} bytes, over the limit of ${MAX_RECORD_BYTES}`,
      );
    return await file.readFile();
  } finally {
    await file.close();
  }
}
