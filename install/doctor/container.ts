import { accessSync, constants } from 'node:fs';
import { hasErrno } from '../../linux/system-call-error.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { isContainer } from './is-container.ts';

const CORE_PATTERN = '/proc/sys/kernel/core_pattern';

/** core_pattern belongs to the machine: a container can often read it, and never sensibly set it. */
export const container: Check = {
  name: 'sysctls',
  look() {
    try {
      accessSync(CORE_PATTERN, constants.W_OK);
    } catch (error) {
      if (!hasErrno(error, 'EROFS', 'EACCES', 'EPERM', 'ENOENT')) throw error;
      const where = isContainer() ? ', as in most containers' : '';
      return fail(
        `${CORE_PATTERN} cannot be written${where}`,
        'install usercrash on the host: it collects the crashes of all its containers',
      );
    }
    if (!isContainer()) return ok('core_pattern can be set');
    return warn(
      'this is a container that may set the core_pattern of its host',
      'install usercrash on the host instead',
    );
  },
};
