import { addressText } from '../address-text.ts';
import { fill, table } from '../columns.ts';
import type { Record as CrashRecord, Thread } from '../record.ts';
import { shownThread } from '../shown-thread.ts';
import { activityText } from './activity.ts';
import { threadFrameLines, threadTitle } from './backtrace.ts';
import { placeText } from './frame.ts';

/**
 * All threads, the crashed or shown one first, the others by their numbers. Threads whose frames and activity read exactly
 * the same stand together above one copy of them: a pool of idle workers is one entry. Without frames, a line each with
 * where it was.
 */
export function threadLines(record: CrashRecord): string[] | null {
  const { threads } = record;
  if (threads === null) return null;
  const shown = shownThread(record);
  const sorted = [
    ...threads.filter((thread) => thread === shown),
    ...threads.filter((thread) => thread !== shown).sort((one, other) => one.tid - other.tid),
  ];
  const omitted = record.omittedThreads ?? 0;
  const tail = omitted > 0 ? ['', `${omitted} more threads left out`] : [];
  const count = `${sorted.length + omitted} ${sorted.length + omitted === 1 ? 'thread' : 'threads'}`;
  if (sorted.every((thread) => thread.frames === null)) {
    return [count, ...table(sorted.map((thread) => stateRow(thread, record))), ...tail];
  }
  const groups = new Map<string, { threads: Thread[]; lines: string[] }>();
  for (const thread of sorted) {
    const frames = thread === shown ? ['see Backtrace'] : framesOf(thread, record);
    const lines = [...activityLines(thread), ...frames];
    const key = thread === shown ? 'shown' : lines.join('\n');
    const group = groups.get(key) ?? { threads: [], lines };
    group.threads.push(thread);
    groups.set(key, group);
  }
  return [count, ...[...groups.values()].flatMap((group) => ['', ...groupLines(group)]), ...tail];
}

function framesOf(thread: Thread, record: CrashRecord): string[] {
  if (thread.frames !== null) return threadFrameLines(thread, record, { locals: false });
  return [placeText({ pc: thread.pc }, record)];
}

function activityLines({ activity }: Thread): string[] {
  return activity == null ? [] : [activityText(activity)];
}

function groupLines({ threads, lines }: { threads: Thread[]; lines: string[] }): string[] {
  const [first] = threads;
  if (first === undefined || threads.length === 1)
    return first ? [`Thread ${threadTitle(first)}`, ...lines] : [];
  const words = threads.map((thread, at) => threadTitle(thread) + (at < threads.length - 1 ? ', ' : ''));
  return [...fill(words, `${threads.length} threads: `, '  '), ...lines];
}

function stateRow(thread: Thread, record: CrashRecord): string[] {
  const shown = (address: string | null) => (address === null ? 'not known' : addressText(address, record));
  return [
    threadTitle(thread),
    `pc ${shown(thread.pc)}`,
    `sp ${shown(thread.sp)}`,
    placeText({ pc: thread.pc }, record).replace(/^0x[0-9a-f]+(, | )/, ''),
    ...activityLines(thread),
  ];
}
