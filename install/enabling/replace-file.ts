import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Writes a file for root to change and all to read: whole or not at all, and on the disk when it returns. */
export function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = temporaryOf(path);
  writeFileSync(temporary, text, { mode: 0o644, flush: true });
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

/** Removes it, with what an interrupted {@link replaceFile} left. */
export function removeFile(path: string): void {
  for (const name of [temporaryOf(path), path]) rmSync(name, { force: true });
  syncDirectory(dirname(path));
}

/** systemd looks at no file whose name begins with a dot. */
function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`);
}

function syncDirectory(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
