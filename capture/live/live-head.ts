import { x8664 } from '../arch/x86-64.ts';
import type { CoreHead } from '../captured.ts';
import { parseStat } from '../proc/parse-stat.ts';
import { statusNumbers } from '../proc/status-value.ts';
import { emptyHead } from '../read-core-head.ts';
import { readNotes } from '../read-notes.ts';
import { readProcFile } from '../read-proc-file.ts';
import type { BeforeStop } from './before-stop.ts';
import { liveNotes } from './live-notes.ts';
import type { Mappings } from './mappings.ts';
import type { ThreadRegisters } from './read-registers.ts';

const MAX_STAT_BYTES = 4096;

/**
 * The head that the kernel would write for a process if it died now: the same that capture gets of a dead one, so that all
 * else is the same.
 *
 * @param threads The one to show first; `ownTid` in its own pid namespace.
 */
export function liveHead(
  threads: readonly (ThreadRegisters & { ownTid: number })[],
  { pid, ownPid, mappings }: { pid: number; ownPid: number; mappings: Mappings },
  before: BeforeStop,
): CoreHead {
  const stat = parseStat(readProcFile(`/proc/${pid}/stat`, MAX_STAT_BYTES).bytes);
  const signalOf = ({ stop }: ThreadRegisters['thread']) => (stop.kind === 'signal' ? stop.signal : 0);
  const architecture = threads[0]?.live.architecture ?? x8664;
  const head = emptyHead(architecture.machine, architecture.elfClass.bits);
  head.segments = mappings.segments;
  head.warnings.push(...mappings.warnings);
  head.noteBytes = liveNotes({
    architecture,
    ids: {
      pid: ownPid,
      parentPid: stat?.parentPid ?? 0,
      processGroup: stat?.processGroup ?? 0,
      session: stat?.session ?? 0,
    },
    state: before.activities.get(pid)?.state ?? 'R',
    uid: statusNumbers(before.status, 'Uid')?.[0] ?? 0,
    gid: statusNumbers(before.status, 'Gid')?.[0] ?? 0,
    comm: stat?.comm ?? Buffer.alloc(0),
    commandLine: before.cmdline,
    signal: threads[0]?.signal ?? null,
    auxv: before.auxv,
    files: mappings.files,
    threads: threads.map(({ thread, ownTid, general, sets }) => ({
      tid: ownTid,
      signal: signalOf(thread),
      general,
      sets,
    })),
  });
  readNotes(head);
  return head;
}
