import type { FileHandle } from 'node:fs/promises';
import * as z from 'zod';
import type { Outcome } from './history-line.ts';
import { jsonField } from './json-field.ts';

/** Largest JSON report that is looked into; one of a thousand threads has some 6 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

const signatureSchema = z.object({ text: z.string(), hash: z.string() });
const collectionSchema = z.object({ steps: z.array(z.object({ name: z.string(), atMs: z.number() })) });

/**
 * What the history wants to know of a report that its client left in `.pending`: it said so to nobody.
 *
 * Only two lines of it are read, see json-field.ts.
 *
 * @param json The report, by whomever; what cannot be understood is left out.
 * @throws Node's error where it cannot be read.
 */
export async function outcomeOfReport(
  json: FileHandle,
): Promise<Pick<Outcome, 'signature' | 'heldMs' | 'analysisMs'>> {
  const { size } = await json.stat();
  if (size > MAX_BYTES) return {};
  const { buffer, bytesRead } = await json.read(Buffer.alloc(size), 0, size, 0);
  const bytes = buffer.subarray(0, bytesRead);
  const signature = signatureSchema.safeParse(jsonField(bytes, 'signature'));
  const collection = collectionSchema.safeParse(jsonField(bytes, 'collection'));
  const at = (name: string) => collection.data?.steps.find((step) => step.name === name)?.atMs;
  const [heldMs, storedMs, analysedMs] = [at('released'), at('stored'), at('analysed')];
  return {
    ...(signature.success ? { signature: signature.data } : {}),
    ...(heldMs === undefined ? {} : { heldMs }),
    // The steps of a client that was started later are on a clock of its own, which begins with the analysis.
    ...(analysedMs === undefined
      ? {}
      : { analysisMs: analysedMs - (storedMs !== undefined && storedMs < analysedMs ? storedMs : 0) }),
  };
}
