import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** See silent-fuse.c. */
export interface SilentFuse {
  /** The one file. */
  file: string;
  /** Whoever looks for it makes the file system fall silent. */
  silence: string;
  /** Ends it: everybody who waits, or comes later, gets an error. */
  end(): Promise<void>;
}

/** Why there can be no such file system on this machine; false where there can. */
export const fuseIsMissing = existsSync('/dev/fuse') ? false : 'no /dev/fuse on this kernel';

/**
 * Mounts a file system of one file that stops answering on demand. It is unmounted, and everybody who waits for it gets
 * an error, when the test ends.
 *
 * @param contents The file with what the one file shall hold.
 * @param silence What it does not answer any more then: `all` requests, or only `reads` of the file. `take` makes that
 *   those who wait cannot be killed either.
 */
export async function mountSilentFuse(
  t: TestContext,
  contents: string,
  silence: readonly ['all' | 'reads', 'take' | 'leave'],
): Promise<SilentFuse> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-fuse-'));
  const program = join(directory, 'silent-fuse');
  const mountPoint = join(directory, 'mounted');
  mkdirSync(mountPoint);
  execFileSync('gcc', ['-O1', '-o', program, join(import.meta.dirname, 'silent-fuse.c')]);
  const daemon = spawn(program, [mountPoint, contents, ...silence], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => ended(daemon);
  t.after(async () => {
    await end();
    spawnSync('umount', ['--lazy', mountPoint]);
    rmSync(directory, { recursive: true, force: true });
  });
  await Promise.race([
    once(daemon.stdout, 'data'),
    once(daemon, 'exit').then(([code]) => {
      throw new Error(`silent-fuse ended with ${code}`);
    }),
  ]);
  return { file: join(mountPoint, 'file'), silence: join(mountPoint, 'silence'), end };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
