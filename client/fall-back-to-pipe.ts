import { readRunSettings } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { isSocketPattern } from '../protocol/core-pattern.ts';
import { kernelLog } from './kernel-log.ts';

/**
 * Directs crashes to clients that the kernel starts: nobody listens on the coredump socket any more, and the kernel would
 * throw them away. They wait in `.pending` then, for the next server, which also puts the old core_pattern back.
 */
export function fallBackToPipe(runDir: string): void {
  try {
    const { pipePattern } = readRunSettings(runDir);
    const now = readCoreSysctls();
    if (pipePattern === null || !isSocketPattern(now.corePattern, runDir)) return;
    asRoot(() => writeCoreSysctls({ ...now, corePattern: pipePattern }));
    kernelLog('warning', 'the server is gone: crashes go to clients of their own');
  } catch (error) {
    kernelLog('error', `the server is gone, and core_pattern still names its socket: ${messageOf(error)}`);
  }
}
