import { closeSync, fstatSync } from 'node:fs';
import { execa } from 'execa';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { MAX_COPY_BYTES } from './share-file.ts';

/**
 * Copies a file into memory whose file system may never answer: a child reads it, and is left behind where it does not
 * come back in time. Neither we nor gdb ever wait for that file system then, not even in a kill that cannot succeed.
 *
 * @param fd Stands for the file (O_PATH).
 * @param timeoutMs For all of it.
 * @returns A descriptor of the copy, which the caller closes, or in words why there is none.
 */
export async function fetchFile(fd: number, timeoutMs: number): Promise<number | { failure: string }> {
  const copy = memfdCreate('usercrash-module');
  const reader = execa('head', ['-c', String(MAX_COPY_BYTES), '/proc/self/fd/3'], {
    stdio: ['ignore', inherited(copy), 'pipe', inherited(fd)],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    cleanup: false,
  });
  // One that waits in the kernel ends when its file system does; it must not keep us from ending.
  reader.nodeChildProcess.unref();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(
      () => resolve(`its file system did not answer within ${timeoutMs / 1000} s`),
      timeoutMs,
    );
  });
  const ended = reader.then(({ exitCode, stderr }) =>
    exitCode === 0 ? null : `it could not be read (${String(stderr).split(': ').at(-1)})`,
  );
  const failure = await Promise.race([ended, late]);
  clearTimeout(timer);
  if (failure === null && fstatSync(copy).size < MAX_COPY_BYTES) return copy;
  reader.kill('SIGKILL');
  reader.stderr.destroy();
  closeSync(copy);
  return { failure: failure ?? `it has more than the limit of ${MAX_COPY_BYTES} bytes` };
}

/** execa hands any number on to spawn as it is; only its types stop at 9. */
const inherited = (descriptor: number) => descriptor as 9;
