import type { Record as CrashRecord } from '../../report/record.ts';
import type { GdbReply, GdbSession } from './gdb-session.ts';
import type { GdbFrame } from './read-backtraces.ts';

type Source = NonNullable<CrashRecord['source']>;

/** Frames tried: below an abort lie some six of the C and the C++ library, whose source is hardly ever there. */
const FRAMES_TRIED = 12;
const MAX_LINE = 1000;

/**
 * Reads the lines around the first of some frames whose source file can be read, 5 before and 5 after (gdb's `listsize`
 * is 11). gdb reads the file, not we: which file that is says the crashed program's debug information.
 *
 * @param thread gdb's own number of the crashed thread.
 * @param frames Of it, the ones to try first.
 * @returns The lines and the file as the debug information names it; a reason where no source is there.
 */
export async function readSource(
  gdb: GdbSession,
  thread: number,
  frames: readonly GdbFrame[],
): Promise<{ ok: true; source: Source } | { ok: false; reason: string }> {
  const candidates = frames.slice(0, FRAMES_TRIED).filter(({ file, line }) => file !== null && line !== null);
  if (candidates.length === 0)
    return { ok: false, reason: 'no frame has line information (no debug symbols)' };
  const replies = candidates.map(async (frame) => {
    void gdb.send(`-stack-select-frame --thread ${thread} ${frame.level}`);
    void gdb.sendConsole('frame');
    return { frame, reply: await gdb.sendConsole('list') };
  });
  let reason = 'the source files that the debug symbols name are not on this machine';
  for (const pending of replies) {
    const { frame, reply } = await pending;
    const lines = linesIn(reply, frame.line);
    if (lines.some(({ current }) => current)) return { ok: true, source: { file: frame.file ?? '', lines } };
    if (!reply.ok) reason = reply.reason;
  }
  return { ok: false, reason };
}

/** gdb prints each line with its number and a tab before it. */
function linesIn(reply: GdbReply, current: number | null): Source['lines'] {
  if (!reply.ok) return [];
  return reply.text.split('\n').flatMap((line) => {
    const match = /^(\d{1,9})\t(.*)$/s.exec(line);
    if (match === null) return [];
    const number = Number(match[1]);
    return { number, text: (match[2] ?? '').slice(0, MAX_LINE), current: number === current };
  });
}
