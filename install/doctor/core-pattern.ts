import type { Check } from './check.ts';
import { fail, ok } from './check.ts';
import { isContainer } from './is-container.ts';

/** Does the kernel give crashes to us? The cause behind most missing reports is that somebody else took core_pattern. */
export const corePattern: Check = {
  name: 'core pattern',
  look({ collection, paths, services }) {
    const { isCollecting, mode, why, sysctls } = collection;
    if (isCollecting) return ok(`ours, by ${mode}: ${sysctls?.corePattern}`);
    if (sysctls === null) return fail(why, 'a kernel with CONFIG_COREDUMP and /proc/sys');
    if (isContainer()) return fail(why, 'enable it on the host: a container cannot set core_pattern');
    const again = mode === null ? services.enable : services.restart;
    return fail(`${why}; crashes do not come to ${paths.runDir}`, again);
  },
};
