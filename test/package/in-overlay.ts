import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';

/**
 * Runs a script as root in a copy of this machine's file system, which is gone afterwards: what it installs is nowhere else. There is no
 * running systemd in it, and the kernel's settings can only be read.
 *
 * @param script For sh -eux. `$changed` is the directory with everything that differs from the machine.
 * @param shared Directories that are the machine's own, also for writing.
 * @returns What it printed.
 */
export function inOverlay(script: string, shared: readonly string[]): string {
  const top = mkdtempSync('/var/tmp/uc-overlay-');
  const mounts = ['/proc', '/dev', ...shared].map(
    (path) => `mkdir -p ${top}/root${path}; mount --rbind ${path} ${top}/root${path}`,
  );
  const prepare = `mount -t tmpfs tmpfs ${top}
mkdir ${top}/upper ${top}/work ${top}/root
mount -t overlay overlay -o lowerdir=/,upperdir=${top}/upper,workdir=${top}/work ${top}/root
${mounts.join('\n')}
mount -o bind,ro /proc/sys ${top}/root/proc/sys
mount -t tmpfs tmpfs ${top}/root/run
mkdir ${top}/root/mnt/changed
mount --bind ${top}/upper ${top}/root/mnt/changed
changed=/mnt/changed exec chroot ${top}/root sh -eux`;
  try {
    return execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-eu', '-c', prepare], {
      input: script,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } finally {
    rmdirSync(top);
  }
}
