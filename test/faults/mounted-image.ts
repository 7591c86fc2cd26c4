import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';

/** The log directory on a real file system of its own, in an image on a loop device. */
export interface MountedImage {
  directories: TestDirectories;
  umount(): void;
  mount(): void;
}

/** @param make The command that makes the file system; the image's path follows. */
export function mountedImage(
  t: { after(fn: () => void): void },
  { bytes, make }: { bytes: number; make: readonly string[] },
): MountedImage {
  const directories = testDirectories(t);
  const directory = mkdtempSync('/var/tmp/uc-image-');
  const image = join(directory, 'image');
  writeFileSync(image, '');
  truncateSync(image, bytes);
  const [program = '', ...words] = make;
  execFileSync(program, [...words, image], { stdio: 'ignore' });
  const mountPoint = join(directory, 'mnt');
  mkdirSync(mountPoint);
  let isMounted = false;
  const umount = () => {
    // Lazily: the server of the test may still run. The device goes with the last who has something open.
    if (isMounted) spawnSync('umount', ['-l', mountPoint]);
    isMounted = false;
  };
  const mount = () => {
    execFileSync('mount', ['-o', 'loop', image, mountPoint]);
    isMounted = true;
  };
  t.after(() => {
    umount();
    rmSync(directory, { recursive: true, force: true });
  });
  mount();
  const logDir = join(mountPoint, 'log');
  mkdirSync(logDir, { mode: 0o755 });
  return { directories: { ...directories, logDir }, umount, mount };
}
