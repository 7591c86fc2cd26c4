import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../../analysis/cage/find-program.ts';
import { SAFE_PYTHON } from '../../analysis/gdb/safe-settings.ts';
import { PROGRAM_PATH } from '../../config/run-settings.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { type Check, fail, ok } from './check.ts';

const LIMIT_MS = 20_000;

/** Without gdb reports have no backtrace. */
export const gdb: Check = {
  name: 'gdb',
  async look({ settings, distribution }) {
    const program = findProgram(settings.gdb);
    if (program === null) {
      const where = settings.gdb.startsWith('/') ? settings.gdb : `${settings.gdb} in ${PROGRAM_PATH}`;
      return fail(`there is no ${where}: reports have no backtrace`, distribution.gdb);
    }
    try {
      const { stdout } = await promisify(execFile)(program, ['--nx', '--version'], {
        env: { PATH: PROGRAM_PATH, LC_ALL: 'C', ...SAFE_PYTHON },
        timeout: LIMIT_MS,
      });
      return ok(`${program}: ${stdout.split('\n', 1)[0]}`);
    } catch (error) {
      return fail(`${program} does not run: ${messageOf(error)}`, distribution.gdb);
    }
  },
};
