import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrno } from '../linux/system-call-error.ts';

/** Writes a file: whole or not at all, and on the disk when it returns. @param mode By default for root to change and all to read. */
export function replaceFile(path: string, text: string, mode = 0o644): void {
  const temporary = temporaryOf(path);
  // What all are to read is not for the shell to hide that root happens to have.
  const umask = process.umask(0o022);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    rmSync(temporary, { force: true });
    // Not through a link, which somebody who may write there has left.
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
  } finally {
    process.umask(umask);
  }
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
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
