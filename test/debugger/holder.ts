import { closeSync, writeSync } from 'node:fs';
import { captureLive } from '../../capture/live/capture-live.ts';

/**
 * Holds a process again and again, until it is killed: holder.ts PID. Says so before each time.
 */
const pid = Number(process.argv[2]);
for (;;) {
  const { captured } = captureLive({ pid, tid: pid, budgetBytes: 1024 * 1024 }, () => writeSync(1, '.'));
  for (const { fd } of captured.modules) if (fd !== null) closeSync(fd);
}
