import { readRunSettings } from '../../config/run-settings.ts';
import { handlerBeside } from '../../protocol/core-pattern.ts';
import { pipeLimit } from '../../server/pipe-limit.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** With 0 the kernel waits for no handler, and /proc/PID is gone under it; what is over the limit is skipped. */
export const corePipeLimit: Check = {
  name: 'pipe limit',
  look({ paths, collection: { sysctls, mode } }) {
    if (sysctls === null) return ok('there is none');
    const { corePipeLimit: limit } = sysctls;
    if (mode !== 'pipe') return ok(`kernel.core_pipe_limit is ${limit}: it matters by pipe alone`);
    // One without room in core_pattern stands in the settings, which only root may read.
    const kept = handlerBeside(sysctls.corePattern) ?? readRunSettings(paths.runDir).defaultPattern;
    const wanted = pipeLimit(kept);
    const fix = `sysctl -w kernel.core_pipe_limit=${wanted}, and look for who sets it: grep -r core_pipe_limit /etc/sysctl.d`;
    if (limit === 0)
      return fail('kernel.core_pipe_limit is 0: processes vanish while they are captured', fix);
    if (limit < wanted)
      return warn(`kernel.core_pipe_limit is ${limit}: more crashes at once than that are skipped`, fix);
    return ok(`${limit} crashes at once`);
  },
};
