import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { type Record as CrashRecord, RECORD_SCHEMA } from './record.ts';
import { recordSchema } from './record-schema.ts';

/** Largest JSON report that is read (64 MiB): 10,000 threads of 100 frames are within it. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** A JSON report that cannot be read: too large, no JSON, another schema, or a field that is wrong. */
export class RecordError extends UsercrashError {
  /** Where the first wrong field is: `threads.0.frames.3.line`; empty for the whole. */
  readonly path: string;

  constructor(code: string, message: string, options: { path?: string; fix?: string; cause?: unknown } = {}) {
    super(code, message, options);
    this.path = options.path ?? '';
  }
}

/**
 * Reads a JSON report.
 *
 * Fields that this version does not know are dropped: a newer usercrash of the same schema may have added some.
 *
 * @param json The whole text or its bytes.
 * @throws {RecordError} E_RECORD_TOO_LARGE, E_RECORD_JSON, E_RECORD_SCHEMA (another version's) or E_RECORD_FIELD.
 */
export function readRecord(json: string | Uint8Array): CrashRecord {
  if (json.length > MAX_RECORD_BYTES) throw tooLarge(json.length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(typeof json === 'string' ? json : Buffer.from(json).toString('utf8'));
  } catch (error) {
    throw new RecordError('E_RECORD_JSON', `Not JSON: ${messageOf(error)}`, { cause: error });
  }
  const schema =
    typeof parsed === 'object' && parsed !== null && 'schema' in parsed ? parsed.schema : undefined;
  if (typeof schema === 'number' && schema !== RECORD_SCHEMA) {
    throw new RecordError(
      'E_RECORD_SCHEMA',
      `The report's schema is ${schema}, this usercrash reads ${RECORD_SCHEMA}`,
      {
        path: 'schema',
        fix: 'Read it with the version of usercrash that wrote it, or a newer one.',
      },
    );
  }
  const result = recordSchema.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw new RecordError('E_RECORD_FIELD', `Field ${path || '(whole)'}: ${issue?.message ?? 'invalid'}`, {
    path,
  });
}

/**
 * Reads a JSON report from a file.
 *
 * @throws {RecordError} As {@link readRecord}; Node's error where the file cannot be read.
 */
export async function readRecordFile(path: string): Promise<CrashRecord> {
  // A FIFO in the place of a report must not hang a reader.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > MAX_RECORD_BYTES) throw tooLarge(size);
    const bytes = Buffer.alloc(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return readRecord(bytes.subarray(0, length));
  } finally {
    await file.close();
  }
}

function tooLarge(bytes: number): RecordError {
  return new RecordError(
    'E_RECORD_TOO_LARGE',
    `The report is ${bytes} bytes, over the limit of ${MAX_RECORD_BYTES}`,
  );
}
