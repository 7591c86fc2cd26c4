import type { Enabled } from '../../config/enabled.ts';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { isOurPattern, isSocketPattern } from '../../protocol/core-pattern.ts';
import type { Step } from './step.ts';

/**
 * The step that directs crashes to us at once: to the pipe; the resident client's unit takes them to the socket from there.
 *
 * @param pattern By pipe; null for whoever only takes it back.
 * @param sysctls Directory of core_pattern.
 */
export function corePatternStep(pattern: string | null, sysctls: string, noted: () => Enabled): Step {
  const now = () => readCoreSysctls(sysctls);
  let replaced: CoreSysctls | null = null;
  return {
    name: pattern === null ? 'set core_pattern' : `set core_pattern to ${pattern}`,
    isDone() {
      const { corePattern, corePipeLimit } = now();
      const { runDir, corePipeLimit: limit } = noted();
      return (corePattern === pattern || isSocketPattern(corePattern, runDir)) && corePipeLimit === limit;
    },
    do() {
      replaced = now();
      if (pattern !== null)
        writeCoreSysctls({ corePattern: pattern, corePipeLimit: noted().corePipeLimit }, sysctls);
    },
    isUndone() {
      const { corePattern, corePipeLimit } = now();
      const { runDir, corePipeLimit: limit, before } = noted();
      const isOurLimit = corePipeLimit === limit && limit !== before.corePipeLimit;
      return !isOurPattern(corePattern, runDir) && !isOurLimit;
    },
    undo() {
      const { corePattern, corePipeLimit } = now();
      const { runDir, corePipeLimit: limit, before } = noted();
      if (replaced !== null && isOurPattern(replaced.corePattern, runDir)) {
        writeCoreSysctls(replaced, sysctls); // It was enabled before, and stays so.
        return;
      }
      // Of the two, what somebody else has set since stays.
      writeCoreSysctls(
        {
          corePattern: isOurPattern(corePattern, runDir) ? before.corePattern : corePattern,
          corePipeLimit: corePipeLimit === limit ? before.corePipeLimit : corePipeLimit,
        },
        sysctls,
      );
    },
  };
}
