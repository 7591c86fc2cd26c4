import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A Debian system that boots in qemu. */
export interface Image {
  /** An ext4 file system, not to be written to: qemu keeps changes apart. */
  disk: string;
  /** Packages that a test may install, as in the image's Debian; absolute. */
  packages: string[];
  /** The kernels in it, the oldest first. */
  kernels: { release: string; vmlinuz: string; initrd: string }[];
}

const RECIPE = join(import.meta.dirname, 'image');
const MIRROR = 'http://deb.debian.org/debian';
const SUITE = 'bookworm';
/** Where kernels with coredump sockets (6.17 and newer) come from. */
const NEWER = `deb ${MIRROR} trixie-backports main`;
const INCLUDED = [
  ...['systemd-sysv', 'udev', 'dbus', 'kmod', 'procps', 'systemd-container', 'initramfs-tools', 'zstd'],
  ...['linux-image-cloud-amd64', 'gdb', 'passwd', 'jq'],
];
/** Not installed, but there for the test that installs another collector first. */
const OFFERED = ['systemd-coredump', 'libdw1', 'libelf1', 'libjson-c5'];
const DISK_SIZE = '3G';

/**
 * Makes the image, or takes the one that was made by the same recipe.
 *
 * @param cache A directory that may be lost: then it is made anew, in two minutes.
 */
export function image(cache: string): Image {
  const directory = join(cache, recipeHash());
  if (!existsSync(directory)) {
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(join(cache, 'new-'));
    try {
      make(work);
      renameSync(work, directory);
    } catch (error) {
      rmSync(work, { recursive: true, force: true });
      throw error;
    }
  }
  const names = readdirSync(directory).sort();
  const packages = names.filter((name) => name.endsWith('.deb')).map((name) => join(directory, name));
  const releases = names
    .filter((name) => name.startsWith('vmlinuz-'))
    .map((name) => name.slice('vmlinuz-'.length));
  return {
    ...{ disk: join(directory, 'disk'), packages },
    kernels: releases
      .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
      .map((release) => ({
        ...{ release, vmlinuz: join(directory, `vmlinuz-${release}`) },
        initrd: join(directory, `initrd.img-${release}`),
      })),
  };
}

function make(work: string): void {
  const root = join(work, 'root');
  const run = (program: string, args: readonly string[]) =>
    execFileSync(program, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  run('mmdebstrap', [
    ...['--quiet', '--mode=root', '--variant=minbase', `--include=${INCLUDED.join(',')}`],
    `--customize-hook=echo '${NEWER}' >"$1/etc/apt/sources.list.d/newer.list"`,
    `--customize-hook=${join(RECIPE, 'customize')} "$1"`,
    `--customize-hook=chroot "$1" sh -c 'cd /tmp && apt-get download ${OFFERED.join(' ')}' && mv "$1"/tmp/*.deb '${work}'`,
    ...['--skip=cleanup/apt/lists', SUITE, root, MIRROR],
  ]);
  for (const name of readdirSync(join(root, 'boot'))) {
    if (/^(vmlinuz|initrd\.img)-/.test(name)) renameSync(join(root, 'boot', name), join(work, name));
  }
  run('mke2fs', ['-q', '-t', 'ext4', '-E', 'root_owner=0:0', '-d', root, join(work, 'disk'), DISK_SIZE]);
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

/** Of everything that the image depends on, but for what Debian has changed meanwhile. */
function recipeHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(RECIPE).sort()) hash.update(name).update(readFileSync(join(RECIPE, name)));
  hash.update(readFileSync(import.meta.filename));
  return hash.digest('hex').slice(0, 16);
}
