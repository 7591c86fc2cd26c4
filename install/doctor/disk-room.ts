import { statfs } from 'node:fs/promises';
import { readableBytes } from '../../report/readable-amounts.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

/** Files of one report, and of the crash while it waits. */
const FEW_INODES = 100;
/** What crashes may leave of the run directory's file system: docs/operations.md. */
const RUN_DIR_SHARE = 0.1;

/** Is there room for a report, after what is to stay free for others? */
export const diskRoom: Check = {
  name: 'disk',
  async look({ paths, room }) {
    if (room === null) return warn('there is no log directory to look at', 'see above');
    const { bytes, mayTake, free, keptFree, freeInodes } = room;
    const findings: Finding[] = [];
    const amounts = `${readableBytes(free)} free, of which ${readableBytes(keptFree)} stay free for others`;
    if (free <= keptFree) {
      findings.push(
        fail(
          `no room for reports: ${amounts}`,
          `make room on the file system of ${paths.logDir}, or set keep-free lower`,
        ),
      );
    } else if (mayTake < bytes) {
      findings.push(
        warn(
          `reports take ${readableBytes(bytes)} and may take ${readableBytes(mayTake)}: old ones give way`,
          'set max-bytes higher',
        ),
      );
    } else findings.push(ok(`reports take ${readableBytes(bytes)} of ${readableBytes(mayTake)}; ${amounts}`));
    if (freeInodes < FEW_INODES) {
      findings.push(
        fail(
          `the file system of ${paths.logDir} has ${freeInodes} inodes left`,
          'remove some of its many files',
        ),
      );
    }
    const run = await statfs(paths.runDir).catch(() => null); // Where it is not there the server's check says more.
    if (run !== null && run.bavail < run.blocks * RUN_DIR_SHARE) {
      findings.push(
        warn(
          `the file system of ${paths.runDir} is full: crashes cannot wait there`,
          `df ${paths.runDir}; du -sh /run/*`,
        ),
      );
    }
    return findings;
  },
};
