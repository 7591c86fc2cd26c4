import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { COPY_PREFIX, nameFile } from '../linux/name-file.ts';

/** Names that a report has for the moment between getting its first name and getting its last. */
const TEMPORARY_PREFIX = '.publishing-';

/**
 * The published files of a slot. `upload` is a marker: while a file of that name stands beside a report, the report waits for
 * its upload and is the last to be evicted. Whoever uploads makes it and removes it; it is empty.
 */
export function reportPaths(
  logDir: string,
  slotName: string,
): { text: string; json: string; core: string; upload: string } {
  const text = join(logDir, slotName);
  return { text, json: `${text}.json`, core: `${text}.core.zst`, upload: `${text}.upload` };
}

/**
 * Gives a report its names, over those of the slot's old report.
 *
 * Each file first gets a temporary name, and its bytes are on the disk before anything is replaced, so that a full
 * disk or a power cut leaves the old report. Then core and JSON are renamed and the text last: who sees the text sees
 * the rest. linkat cannot replace, rename can.
 *
 * @param files Open descriptors of whole files; `core` null where nothing was captured.
 * @param slotName `usercrash_07`.
 * @throws Node's or the kernel's error; nothing is replaced then unless the failing step was a rename itself.
 */
export async function publish(
  logDir: string,
  slotName: string,
  files: { text: FileHandle; json: FileHandle; core: FileHandle | null },
): Promise<void> {
  const paths = reportPaths(logDir, slotName);
  const steps = [
    { file: files.core, path: paths.core },
    { file: files.json, path: paths.json },
    { file: files.text, path: paths.text },
  ].map((step) => ({
    ...step,
    temporary: join(logDir, `${TEMPORARY_PREFIX}${step.path.slice(logDir.length + 1)}`),
  }));
  try {
    for (const { file, temporary } of steps) {
      if (file === null) continue;
      await rm(temporary, { force: true });
      await nameFile(file.fd, temporary);
      await file.datasync();
    }
    for (const { file, temporary, path } of steps) {
      // Without a core of its own the new report must not stand beside the old one's.
      if (file === null) await rm(path, { force: true });
      else await rename(temporary, path);
    }
    // It was the old report's.
    await rm(paths.upload, { force: true });
  } catch (error) {
    await Promise.allSettled(steps.map(({ temporary }) => rm(temporary, { force: true })));
    throw error;
  }
  await syncDirectory(logDir);
}

/** Removes what a server that was killed while publishing left. */
export async function removeTemporaries(logDir: string): Promise<void> {
  for (const name of await readdir(logDir)) {
    if (name.startsWith(TEMPORARY_PREFIX) || name.startsWith(COPY_PREFIX))
      await rm(join(logDir, name), { force: true });
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
