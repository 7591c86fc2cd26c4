import { printable } from '../printable-text.ts';
import type { Record as CrashRecord, Thread } from '../record.ts';
import { shownThread } from '../shown-thread.ts';
import { frameLines } from './frame.ts';

/** The crashed or first thread: every frame with its locals. */
export function backtraceLines(record: CrashRecord): string[] | null {
  const thread = shownThread(record);
  if (thread === null || thread.frames === null) return null;
  return [`Thread ${threadTitle(thread)}`, ...threadFrameLines(thread, record, { locals: true })];
}

/** `4245 worker-3, crashed` */
export function threadTitle(thread: Thread): string {
  const name = thread.name === null ? '' : ` ${printable(thread.name)}`;
  return `${thread.tid}${name}${thread.crashed ? ', crashed' : ''}`;
}

/** The frames of a thread, with a line where a limit left some out. */
export function threadFrameLines(thread: Thread, record: CrashRecord, show: { locals: boolean }): string[] {
  const frames = thread.frames ?? [];
  if (frames.length === 0) return ['no frames'];
  const { omittedAfter, omittedFrames } = thread;
  return frames.flatMap((frame, at) => {
    const lines = frameLines(frame, record, show);
    if (omittedFrames === null || omittedFrames === 0 || at !== (omittedAfter ?? frames.length - 1))
      return lines;
    return [...lines, `      … ${omittedFrames} frames left out …`];
  });
}
