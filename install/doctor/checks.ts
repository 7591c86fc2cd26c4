import { accounts } from './accounts.ts';
import { bootCorePattern } from './boot-core-pattern.ts';
import type { Check } from './check.ts';
import { configuration } from './configuration.ts';
import { container } from './container.ts';
import { corePattern } from './core-pattern.ts';
import { corePipeLimit } from './core-pipe-limit.ts';
import { debugSymbols } from './debug-symbols.ts';
import { diskRoom } from './disk-room.ts';
import { gdb } from './gdb.ts';
import { kernelLog } from './kernel-log.ts';
import { logDirectory } from './log-directory.ts';
import { lostCrashes } from './lost-crashes.ts';
import { otherHandlers } from './other-handlers.ts';
import { processLimits } from './process-limits.ts';
import { serverProcess } from './server-process.ts';
import { setUserPrograms } from './set-user-programs.ts';
import { socketQueue } from './socket-queue.ts';
import { tracing } from './tracing.ts';
import { units } from './units.ts';

/** Every known cause of missing reports, in the order in which a crash meets them. */
export const CHECKS: readonly Check[] = [
  corePattern,
  container,
  bootCorePattern,
  otherHandlers,
  corePipeLimit,
  socketQueue,
  processLimits,
  setUserPrograms,
  tracing,
  serverProcess,
  units,
  configuration,
  accounts,
  logDirectory,
  diskRoom,
  gdb,
  debugSymbols,
  kernelLog,
  lostCrashes,
];
