import { printable } from '../printable-text.ts';
import type { Activity, Thread } from '../record.ts';

/** What a thread was at: `sleeping in epoll_wait (do_epoll_wait)`, `running`, `stopped by SIGSTOP in read`. */
export function activityText({ state, systemCall, waitChannel, signal }: Activity): string {
  const isStopped = state === 'stopped';
  const words = [
    printable(state),
    ...(isStopped && signal !== null ? [`by ${printable(signal)}`] : []),
    ...(systemCall === null ? [] : [`in ${printable(systemCall)}`]),
    ...(waitChannel === null ? [] : [`(${printable(waitChannel)})`]),
  ];
  const taking = !isStopped && signal !== null ? `, about to take ${printable(signal)}` : '';
  return `${words.join(' ')}${taking}`;
}

/**
 * All threads in a phrase, the most frequent activity first: `9 sleeping in epoll_wait, 2 running`. What they wait for
 * in the kernel is left to the section of each.
 */
export function activitySummary(threads: readonly Thread[]): string[] {
  const counts = new Map<string, number>();
  for (const { activity } of threads) {
    if (activity == null) continue;
    const text = activityText({ ...activity, waitChannel: null });
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const shown = sorted.slice(0, MAX_KINDS);
  const left = sorted.slice(MAX_KINDS).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...shown.map(([text, count]) => `${count} ${text}`),
    ...(left > 0 ? [`${left} at something else`] : []),
  ];
}

/** Kinds of activity in a phrase: two lines of the head hold that many. */
const MAX_KINDS = 6;
