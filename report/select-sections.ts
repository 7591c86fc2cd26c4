import type { Record as CrashRecord } from './record.ts';
import { shownThread } from './shown-thread.ts';

/** Why the sections that were not selected are not there. */
export const NOT_SELECTED = 'not selected';

/**
 * A record with some of its sections only, for a JSON report: still a whole record, in which the others are null and
 * `missing` says why. Who died of what, on which machine, and how it was collected always stay.
 *
 * @param sections Names as TEXT_SECTION_NAMES has them.
 */
export function selectSections(record: CrashRecord, sections: readonly string[]): CrashRecord {
  const has = (name: string) => sections.includes(name);
  const missing: CrashRecord['missing'] = {};
  for (const [name, reason] of Object.entries(record.missing)) if (has(name)) missing[name] = reason;
  const kept = <Value>(name: string, value: Value): Value | null => {
    if (!has(name)) missing[name] = NOT_SELECTED;
    return has(name) ? value : null;
  };
  const { process } = record;
  const shown = shownThread(record);
  return {
    ...record,
    threads: kept('threads', record.threads) ?? kept('backtrace', shown === null ? null : [shown]),
    omittedThreads: has('threads') ? record.omittedThreads : null,
    registers: kept('registers', record.registers),
    stack: kept('stack', record.stack),
    memory: kept('memory', record.memory),
    code: kept('code', record.code),
    source: kept('source', record.source),
    openFiles: kept('openFiles', record.openFiles),
    maps: kept('maps', record.maps),
    omittedMaps: has('maps') ? record.omittedMaps : null,
    journal: kept('journal', record.journal),
    kernelStack: kept('kernel', record.kernelStack),
    process: has('process')
      ? process
      : { ...process, environment: null, limits: null, cgroup: kept('process', null), status: null },
    missing,
  };
}
