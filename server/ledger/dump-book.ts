import { readFileSync } from 'node:fs';
import type { Dump } from './dump.ts';
import type { DyingProcess } from './dying-process.ts';

/** How long one is remembered that is thought to be lost, or never to have begun: its crash may come very late. */
const REMEMBERED_MS = 20 * 60 * 1000;
/** The same of one whose crash has come, for a second thread of it, whose event is next to the first. In a storm they are many. */
const SEEN_REMEMBERED_MS = 3_000;
/** Dumps in the book, some 500 bytes each; beyond it the oldest settled ones are forgotten. */
const MAX_DUMPS = 50_000;
/** More are not taken, whatever their state: 70 MiB. Many processors can make as many in the time that each is waited for. */
const MAX_ALL = 100_000;
const NONE = Buffer.alloc(0);
/** USER_HZ, which Linux has at 100 on every architecture: /proc counts in it. */
const TICK_MS = 10;
/** What /proc/uptime and a start in whole ticks may be off. No pid comes again so soon. */
const CLOCK_SLACK_MS = 50;

/** The dumps of the recent past, by process. */
export class DumpBook {
  /** The oldest first, each list too. */
  readonly #byPid = new Map<number, Dump[]>();
  /** The names of the last one: in a storm all have the same, which then are in memory once. */
  #names: Pick<DyingProcess, 'comm' | 'executable'> = { comm: NONE, executable: NONE };
  #count = 0;
  #beforeMonotonicMs = msBeforeMonotonic();

  /** Whether no other is to be added. */
  get isFull(): boolean {
    return this.#count >= MAX_ALL;
  }

  add(dump: Dump): void {
    const { process } = dump;
    if (process !== null) {
      if (process.comm.equals(this.#names.comm)) process.comm = this.#names.comm;
      if (process.executable.equals(this.#names.executable)) process.executable = this.#names.executable;
      this.#names = { comm: process.comm, executable: process.executable };
    }
    this.#byPid.set(dump.pid, [...(this.#byPid.get(dump.pid) ?? []), dump]);
    this.#count += 1;
  }

  /** The one of a process that has not ended: several threads may die at once, and each is told. */
  running(pid: number): Dump | null {
    const dump = this.#byPid.get(pid)?.at(-1);
    return dump !== undefined && dump.end === null ? dump : null;
  }

  /**
   * The dump that a crash is of: the first that a process of this pid had after it was started.
   *
   * @param startTicks 0 where it is not known.
   */
  ofCrash(pid: number, startTicks: number): Dump | null {
    const dumps = this.#byPid.get(pid) ?? [];
    if (startTicks === 0) return dumps.at(-1) ?? null;
    return (
      dumps.find(({ process, atMs }) =>
        process !== null && process.startTicks > 0
          ? process.startTicks === startTicks
          : this.wasStartedBy(startTicks, atMs),
      ) ?? null
    );
  }

  /** Whether a process that started so many ticks after the boot was there at a moment on {@link monotonicMs}. */
  wasStartedBy(startTicks: number, atMs: number): boolean {
    return atMs >= startTicks * TICK_MS - this.#beforeMonotonicMs - CLOCK_SLACK_MS;
  }

  /** A crash came of it: who it was need not be remembered to tell of its loss. */
  saw(dump: Dump): void {
    dump.state = 'seen';
    if (dump.process !== null) dump.process = { ...dump.process, comm: NONE, executable: NONE };
  }

  *open(): Iterable<Dump> {
    for (const dumps of this.#byPid.values()) {
      for (const dump of dumps) if (dump.state === 'open') yield dump;
    }
  }

  /** Those of which the history has no line yet, or one that may have to be taken back. */
  *unsettled(): Iterable<Dump> {
    for (const dumps of this.#byPid.values()) {
      for (const dump of dumps) {
        if (dump.state === 'lost' || (dump.state !== 'undumped' && !dump.isWritten)) yield dump;
      }
    }
  }

  /** Forgets what nobody will ask for any more; to be called now and then, also for the clocks. */
  forgetOld(nowMs: number): void {
    this.#beforeMonotonicMs = msBeforeMonotonic();
    for (const [pid, dumps] of this.#byPid) {
      const kept = dumps.filter(
        ({ state, atMs, isWritten }) =>
          state === 'open' ||
          nowMs - atMs < (state === 'seen' && isWritten ? SEEN_REMEMBERED_MS : REMEMBERED_MS),
      );
      this.#keep(pid, kept, dumps.length);
    }
    for (const [pid, dumps] of this.#byPid) {
      if (this.#count <= MAX_DUMPS) return;
      this.#keep(
        pid,
        dumps.filter(({ state }) => state === 'open'),
        dumps.length,
      );
    }
  }

  #keep(pid: number, kept: Dump[], before: number): void {
    this.#count -= before - kept.length;
    if (kept.length > 0) this.#byPid.set(pid, kept);
    else this.#byPid.delete(pid);
  }
}

/** What the clock since boot, by which /proc tells starts, is ahead of the monotonic one: the time of suspensions. */
function msBeforeMonotonic(): number {
  const bootMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]) * 1000;
  return bootMs - monotonicMs();
}

/** Now, on the clock of {@link Dump}. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
