import { textOfBytes } from '../../report/bytes-text.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import type { GdbSession } from './gdb-session.ts';
import { numberIn, textIn, tuplesIn } from './parse-mi.ts';
import type { GdbFrame } from './read-backtraces.ts';
import type { SourceFiles } from './source-files.ts';

type Source = NonNullable<CrashRecord['source']>;

/** Frames tried: below an abort lie some six of the C and the C++ library, whose source is hardly ever there. */
const FRAMES_TRIED = 12;
const MAX_LINE = 1000;

/** Lines before and after the one that was executed: what gdb's `list` shows. */
const LINES_AROUND = 5;

/**
 * Reads the lines around the first of some frames whose source file can be read. Where that lies gdb says; the file is read by
 * the rights of the dead process's user (source-files.ts), for gdb itself sees no file but its own.
 *
 * @param thread gdb's own number of the crashed thread.
 * @param frames Of it, the ones to try first.
 * @returns The lines and the file as the debug information names it; a reason where no source is there.
 */
export async function readSource(
  gdb: GdbSession,
  { thread, files }: { thread: number; files: SourceFiles },
  frames: readonly GdbFrame[],
): Promise<{ ok: true; source: Source } | { ok: false; reason: string }> {
  const candidates = frames.slice(0, FRAMES_TRIED).filter(({ file, line }) => file !== null && line !== null);
  if (candidates.length === 0)
    return { ok: false, reason: 'no frame has line information (no debug symbols)' };
  const last = Math.max(...candidates.map(({ level }) => level));
  const listed = await gdb.send(`-stack-list-frames --thread ${thread} 0 ${last}`);
  if (!listed.ok) return listed;
  const paths = new Map<number | null, string | null>();
  for (const tuple of tuplesIn(listed.results, 'stack'))
    paths.set(numberIn(tuple, 'level'), textIn(tuple, 'fullname'));
  for (const { file, line, level } of candidates) {
    const path = paths.get(level);
    const content = path == null ? null : await files.read(Buffer.from(path));
    const lines = content === null ? [] : linesIn(content, line ?? 0);
    if (lines.some(({ current }) => current)) return { ok: true, source: { file: file ?? '', lines } };
  }
  return {
    ok: false,
    reason: 'the source files that the debug symbols name cannot be read where the process ran',
  };
}

function linesIn(content: Buffer, current: number): Source['lines'] {
  const first = Math.max(1, current - LINES_AROUND);
  const lines = content.toString('latin1').split('\n', current + LINES_AROUND);
  return lines.slice(first - 1).map((line, index) => ({
    number: first + index,
    text: textOfBytes(Buffer.from(line, 'latin1')).slice(0, MAX_LINE),
    current: first + index === current,
  }));
}
