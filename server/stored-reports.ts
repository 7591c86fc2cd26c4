import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { hasErrno } from '../linux/system-call-error.ts';
import { type FoundReport, findReports } from '../report/find-reports.ts';
import { jsonField } from './json-field.ts';
import { openIfThere } from './open-if-there.ts';
import { reportPaths } from './publish.ts';
import { slotOf } from './slots.ts';

/** A published report, as far as it matters for how long it is kept. */
export interface StoredReport {
  slot: number;
  /** usercrash_07 */
  name: string;
  /** On the disk, in whole blocks. */
  bytes: number;
  /** When it was made, ms since the epoch. */
  atMs: number;
  /** Null where its JSON does not say. */
  crashId: string | null;
  quickKey: string | null;
  /** Hash of its signature. */
  signature: string | null;
  /** Its marker stands beside it; see reportPaths(). */
  waitsForUpload: boolean;
}

type Identity = Pick<StoredReport, 'crashId' | 'quickKey' | 'signature'>;

const BLOCK_BYTES = 4096;
/** The identity stands before everything that is long, but for a process's arguments and environment. */
const HEAD_BYTES = 1024 * 1024;

const signatureSchema = z.object({ hash: z.string() });

/** Reads what reports there are; what it has read of one it remembers as long as that stands. */
export class StoredReports {
  readonly #logDir: string;
  #identities = new Map<string, { mtimeMs: number; identity: Identity }>();

  constructor(logDir: string) {
    this.#logDir = logDir;
  }

  /** In no order. @throws Node's error where the directory cannot be read. */
  async list(): Promise<StoredReport[]> {
    const known = this.#identities;
    this.#identities = new Map();
    const reports: StoredReport[] = [];
    for (const { slot, name, text, json, core } of await findReports(this.#logDir)) {
      const { mtimeMs } = text;
      const before = known.get(name);
      const identity = before?.mtimeMs === mtimeMs ? before.identity : await identityOf(json);
      this.#identities.set(name, { mtimeMs, identity });
      reports.push({
        slot,
        name,
        bytes: [text, json, core].reduce((sum, file) => sum + blocks(file?.bytes ?? 0), 0),
        atMs: mtimeMs,
        ...identity,
        waitsForUpload: await exists(reportPaths(this.#logDir, name).upload),
      });
    }
    return reports;
  }

  /** Removes a report, its text first: nobody sees half of it. */
  async remove(name: string): Promise<void> {
    const { text, json, core, upload } = reportPaths(this.#logDir, name);
    for (const path of [text, json, core, upload]) await rm(path, { force: true });
  }

  /** Removes what is left of reports whose text is gone: somebody has deleted it, or a removal was cut short. */
  async removeLeftovers(): Promise<void> {
    const entries = await readdir(this.#logDir, { withFileTypes: true });
    const there = new Set(entries.map(({ name }) => name));
    for (const entry of entries) {
      const [, name = ''] = /^(usercrash_\d+)\.(?:json|core\.zst|upload)$/.exec(entry.name) ?? [];
      if (slotOf(name) === null || there.has(name) || !entry.isFile()) continue;
      await rm(join(this.#logDir, entry.name), { force: true });
    }
  }
}

/** What a report's JSON says at its beginning; nulls where it cannot be read. */
async function identityOf(json: FoundReport['json']): Promise<Identity> {
  const none = { crashId: null, quickKey: null, signature: null };
  if (json === null) return none;
  try {
    const file = await openIfThere(json.path);
    if (file === null) return none;
    try {
      const length = Math.min(HEAD_BYTES, json.bytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      const bytes = buffer.subarray(0, bytesRead);
      const text = (name: string) => z.string().safeParse(jsonField(bytes, name)).data ?? null;
      const signature = signatureSchema.safeParse(jsonField(bytes, 'signature')).data?.hash ?? null;
      return { crashId: text('crashId'), quickKey: text('quickKey'), signature };
    } finally {
      await file.close();
    }
  } catch {
    return none; // Removed by somebody at this moment: whoever removes it next finds nothing.
  }
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
