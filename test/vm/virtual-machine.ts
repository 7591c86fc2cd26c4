import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './image.ts';

/** Room for two packages and what is noted. */
const SECOND_SIZE = '400M';

/** A machine that was on. */
export interface Ran {
  /** What its serial console said. */
  console: string;
  /** How long it was on, in ms. */
  tookMs: number;
}

/**
 * Runs a machine until it powers itself off. Its disk is the image's, with changes that last as long as it is on, also when it
 * reboots.
 *
 * @param options `share`: a directory with what its second disk has, and in the end, as `out`, what the machine has left in the
 *   directory of that name. `limitMs`: how long it may be on.
 * @throws {Error} With the end of its console, where it hangs or qemu fails.
 */
export async function runMachine(
  { disk }: Pick<Image, 'disk'>,
  kernel: Image['kernels'][number],
  { share, limitMs }: { share: string; limitMs: number },
): Promise<Ran> {
  const second = `${share}.disk`;
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', share, second, SECOND_SIZE]);
  const consoleFile = join(share, 'console');
  const startedMs = Date.now();
  const parameters = 'root=/dev/vda rw console=ttyS0 quiet panic=5 mitigations=off systemd.show_status=false';
  const log = openSync(`${consoleFile}.qemu`, 'w');
  const qemu = spawn(
    'nice',
    [
      ...['-n', '10', 'qemu-system-x86_64', ...accelerator(), '-m', '1024'],
      ...['-display', 'none', '-nodefaults', '-no-user-config', '-serial', `file:${consoleFile}`],
      ...['-kernel', kernel.vmlinuz, '-initrd', kernel.initrd, '-append', parameters],
      ...[
        '-drive',
        `file=${disk},format=raw,if=virtio,snapshot=on,cache=unsafe`,
        '-device',
        'virtio-rng-pci',
      ],
      ...['-drive', `file=${second},format=raw,if=virtio,cache=unsafe`],
    ],
    { stdio: ['ignore', log, log], env: { ...process.env, TMPDIR: '/var/tmp' } },
  );
  closeSync(log);
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    qemu.kill('SIGKILL');
  }, limitMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    qemu.once('error', reject);
    qemu.once('exit', resolve);
  }).finally(() => clearTimeout(limit));
  rmSync(join(share, 'out'), { recursive: true, force: true });
  execFileSync('debugfs', ['-R', `rdump /out ${share}`, second], { stdio: 'ignore' });
  rmSync(second);
  const said = readFileSync(consoleFile, 'latin1');
  if (isLate || code !== 0) {
    const why = isLate ? `was still on after ${limitMs / 1000} s` : `ended with ${code}`;
    throw new Error(
      `the machine ${why}:\n${said.slice(-4000)}\n${readFileSync(`${consoleFile}.qemu`, 'latin1')}`,
    );
  }
  return { console: said, tookMs: Date.now() - startedMs };
}

/**
 * KVM only where it works: in a virtual machine /dev/kvm may be there without a processor that has what it takes, and then fails at
 * some instruction of the kernel that boots. By emulation one processor: with two, Linux 7.3 once met an int3 of its own while it changed
 * its code, and panicked.
 */
function accelerator(): string[] {
  const hasKvm =
    existsSync('/dev/kvm') && /^flags\s*:.*\b(?:vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  return hasKvm ? ['-accel', 'kvm', '-cpu', 'host', '-smp', '2'] : ['-accel', 'tcg', '-cpu', 'Nehalem-v1'];
}
