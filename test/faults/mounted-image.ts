import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';

/** The log directory on a real file system of its own, in an image on a loop device. */
export interface MountedImage {
  directories: TestDirectories;
  /** Mounts what lies on the disk anew, whoever still has the old one. */
  remount(): void;
}

/** @param make The command that makes the file system; the image's path follows. */
export function mountedImage(
  t: { after(fn: () => void): void },
  { bytes, make }: { bytes: number; make: readonly string[] },
): MountedImage {
  const directories = testDirectories(t);
  const directory = mkdtempSync('/var/tmp/uc-image-');
  const first = join(directory, 'image');
  writeFileSync(first, '');
  truncateSync(first, bytes);
  const [program = '', ...words] = make;
  execFileSync(program, [...words, first], { stdio: 'ignore' });
  const mountPoint = join(directory, 'mnt');
  mkdirSync(mountPoint);
  let isMounted = false;
  let image = first;
  const umount = () => {
    // Lazily: whoever has something open there, or a mount namespace made meanwhile, holds the file system.
    if (isMounted) spawnSync('umount', ['-l', mountPoint]);
    isMounted = false;
  };
  const mount = () => {
    execFileSync('mount', ['-o', 'loop', image, mountPoint]);
    isMounted = true;
  };
  const remount = () => {
    umount();
    // What is held is held with its device: what lies on the disk is taken up from a copy.
    const before = image;
    image = `${before}+`;
    execFileSync('cp', ['--sparse=always', before, image]);
    mount();
    rmSync(before);
  };
  t.after(() => {
    umount();
    rmSync(directory, { recursive: true, force: true });
  });
  mount();
  const logDir = join(mountPoint, 'log');
  mkdirSync(logDir, { mode: 0o755 });
  return { directories: { ...directories, logDir }, remount };
}
