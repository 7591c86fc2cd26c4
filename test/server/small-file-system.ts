import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type TestDirectories, testDirectories } from './test-server.ts';

/** The log directory on a file system of its own, which can be filled. */
export interface SmallFileSystem {
  directories: TestDirectories;
  /** Leaves so many bytes free; without a number as few as can be. */
  fill(freeBytes?: number): void;
  /** Takes every inode. */
  takeInodes(): void;
  /** Gives back what was taken, or so many of the inodes. */
  free(count?: number): void;
}

/** @param options Of the tmpfs: `size=400k,nr_inodes=50`. */
export function smallFileSystem(t: TestContext, options: string): SmallFileSystem {
  const directory = mkdtempSync('/var/tmp/uc-small-');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=755,${options}`, 'none', directory]);
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`);
  t.after(() => {
    // Lazily: the server of the test may still run.
    spawnSync('umount', ['-l', directory]);
    rmdirSync(directory);
  });
  const made: string[] = [];
  const path = (name: string) => {
    const file = join(directory, `.filling-${name}`);
    made.push(file);
    return file;
  };
  return {
    directories: { ...testDirectories(t), logDir: directory },
    fill(freeBytes = 0) {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(path('bytes'), Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
    },
    takeInodes() {
      for (let number = 0; ; number += 1) {
        try {
          writeFileSync(path(String(number)), '');
        } catch {
          made.pop();
          return; // Every one is taken.
        }
      }
    },
    free(count = made.length) {
      for (const file of made.splice(0, count)) rmSync(file, { force: true });
    },
  };
}
