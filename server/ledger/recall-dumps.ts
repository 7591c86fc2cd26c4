import type { CrashEvent } from '../../protocol/codec.ts';
import { eventOfCrashId } from '../history-line.ts';
import { type Dump, eventOfDump } from './dump.ts';
import type { LedgerParts } from './ledger-parts.ts';

/**
 * What the history tells of dumps that another server has left.
 *
 * @param given `told`: see toldCrashes().
 * @returns `lost`: those that it says are not collected, with what it was told. `crashes`: others of these pids, perhaps of processes
 *   that had them before.
 * @throws Node's error where the history is there and cannot be read.
 */
export async function recallDumps(
  dumps: readonly Dump[],
  given: { bootId: string; told: LedgerParts['told'] },
): Promise<{ lost: { dump: Dump; told: CrashEvent }[]; crashes: CrashEvent[] }> {
  const sinceUs = dumps.reduce((first, { atUs }) => Math.min(first, atUs), Number.POSITIVE_INFINITY);
  const all = await given.told(new Set(dumps.map(({ pid }) => pid)), sinceUs);
  const lost: { dump: Dump; told: CrashEvent }[] = [];
  for (const dump of dumps) {
    const told = eventOfDump(dump, { bootId: given.bootId, comm: null });
    // Also where it was withdrawn: it is no crash of its own.
    if (all.get(told.crashId) === 'not collected') lost.push({ dump, told });
    all.delete(told.crashId);
  }
  return { lost, crashes: [...all.keys()].map(eventOfCrashId) };
}
