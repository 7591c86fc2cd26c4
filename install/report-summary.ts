import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type * as z from 'zod';
import type { ReportFile } from '../report/find-reports.ts';
import { readRecordFile } from '../report/read-record.ts';
import { recordSchema } from '../report/record-schema.ts';
import { jsonField } from '../server/json-field.ts';

const summarySchema = recordSchema.pick({
  ...{ crashId: true, at: true, signal: true, process: true, quickKey: true, signature: true, threads: true },
});

/** What a list shows of a record; of its threads the first alone may be there. */
export type ReportSummary = z.infer<typeof summarySchema>;

/** Looked at first: what a list shows stands before everything that is long, but for arguments and environment. */
const HEAD_BYTES = 256 * 1024;
const FIRST_THREAD = Buffer.from('\n"threads":[\n ');

/**
 * Reads what a list shows of a JSON report, of a usual one without parsing the rest: there may be 10,000.
 *
 * @throws {RecordError} Where it is damaged, as report/read-record.ts; Node's error where it cannot be read.
 */
export async function readSummary({ path, bytes }: ReportFile): Promise<ReportSummary> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const quick = summarySchema.safeParse(headOf(await beginningOf(file, Math.min(bytes, HEAD_BYTES))));
    // One that is laid out otherwise, or has nothing there: whatever is wrong is told by who reads it all.
    const isEnough = quick.success && quick.data.threads?.[0]?.crashed === true;
    return isEnough ? quick.data : await readRecordFile(path);
  } finally {
    await file.close();
  }
}

async function beginningOf(file: FileHandle, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

function headOf(bytes: Buffer): object {
  const names = ['crashId', 'at', 'signal', 'process', 'quickKey', 'signature'];
  return {
    ...Object.fromEntries(names.map((name) => [name, jsonField(bytes, name)])),
    threads: firstThread(bytes),
  };
}

/** In a list of its own; undefined where it is not whole. */
function firstThread(bytes: Buffer): unknown[] | undefined {
  const at = bytes.indexOf(FIRST_THREAD);
  const end = at === -1 ? -1 : bytes.indexOf('\n', at + FIRST_THREAD.length);
  if (end === -1) return undefined;
  try {
    return [JSON.parse(bytes.toString('utf8', at + FIRST_THREAD.length, end).replace(/,$/, ''))];
  } catch {
    return undefined; // Damaged: as above.
  }
}
