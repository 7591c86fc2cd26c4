import { hostname } from 'node:os';
import type { CrashEvent } from '../protocol/codec.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { formatHistoryLine } from '../report/format-history-line.ts';
import { instantOf } from '../report/instant.ts';
import { signalName } from '../report/signals.ts';

/** The kernel's own mark for nobody's id ((uid_t) -1), of a crash whose user is not known. */
export const UNKNOWN_UID = 0xffff_ffff;

/** What became of a crash. */
export interface Outcome {
  collected: 'full' | 'repeat' | 'pending' | 'not collected' | 'withdrawn';
  slot?: number;
  reason?: string;
  /** Crash id of the one whose report stands for a repeat. */
  repeatOf?: string;
  signature?: { text: string; hash: string } | null;
  heldMs?: number;
  analysisMs?: number;
}

/**
 * The history line of a crash.
 *
 * @param event As the client told it, or {@link eventOfCrashId} where that was lost.
 * @param nowUs Microseconds since the epoch, for how long publishing took.
 */
export function historyLine(event: CrashEvent, outcome: Outcome, nowUs: number = Date.now() * 1000): string {
  const isPublished = outcome.slot !== undefined;
  const program = event.executable.length > 0 ? event.executable : event.comm;
  const [boot = null] = event.crashId.split('-');
  const isKnown = event.signal !== 0;
  return formatHistoryLine({
    at: instantOf(event.atUs),
    boot,
    host: hostname(),
    pid: event.pid,
    uid: isKnown && event.uid !== UNKNOWN_UID ? event.uid : null,
    program: program.length > 0 ? textOfBytes(program) : null,
    unit: event.unit.length > 0 ? textOfBytes(event.unit) : null,
    signal: isKnown ? signalName(event.signal) : null,
    quickKey: event.quickKey === '' ? null : event.quickKey,
    signature: outcome.signature ?? null,
    crashId: event.crashId,
    slot: outcome.slot ?? null,
    repeatOf: outcome.repeatOf ?? null,
    collected: outcome.collected,
    reason: outcome.reason ?? null,
    durations: {
      heldMs: outcome.heldMs ?? null,
      analysisMs: outcome.analysisMs ?? null,
      publishedMs: isPublished ? Math.max(0, (nowUs - event.atUs) / 1000) : null,
    },
  });
}

/**
 * The history line of a time of which nobody knows every crash.
 *
 * @param boot Boot id, 32 hex digits.
 */
export function gapLine(boot: string, reason: string, nowUs: number = Date.now() * 1000): string {
  return formatHistoryLine({
    at: instantOf(nowUs),
    boot,
    host: hostname(),
    pid: null,
    uid: null,
    program: null,
    unit: null,
    signal: null,
    quickKey: null,
    signature: null,
    crashId: null,
    slot: null,
    repeatOf: null,
    collected: 'gap',
    reason,
    durations: null,
  });
}

/** What a crash id alone says, where the event was lost: `boot-pid-ticks-time`. */
export function eventOfCrashId(crashId: string): CrashEvent {
  const [, pid = '0', , atUs = '0'] = crashId.split('-');
  return {
    crashId,
    atUs: Number(atUs),
    pid: Number(pid),
    tid: Number(pid),
    uid: 0,
    gid: 0,
    signal: 0,
    signalCode: 0,
    comm: Buffer.alloc(0),
    executable: Buffer.alloc(0),
    quickKey: '',
    dumpable: 0,
    mode: '',
    unit: Buffer.alloc(0),
    repeatOf: '',
    excludedBy: '',
  };
}
