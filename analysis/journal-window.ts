import { readdirSync } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import type { JournalEntry } from '../report/record.ts';
import {
  Journal,
  JournalError,
  type OpenOptions,
  type JournalEntry as ReadEntry,
} from '../systemd/journal-reader/src/index.ts';
import { isCodeLine, namesProcess } from './kernel-lines.ts';
import { MAX_NAME_BYTES, RECORD_FIELDS, recordJournalEntry } from './record-journal-entry.ts';

/** Whose window, and around what time. Times are microseconds since 1970-01-01 UTC. */
export interface JournalWindowRequest {
  /** In the initial pid namespace, as the journal has it. */
  pid: number;
  /** The thread that faulted, which the kernel's log line names. */
  tid?: number | null;
  /** 32 hex digits: the pid of another boot is another process. */
  bootId: string;
  /** The unit's name as the cgroup has it, not escaped; null for none. */
  unit: string | Uint8Array | null;
  /** When the process started: entries of this pid before that are another process's. Null where not known. */
  startedUs?: number | null;
  crashUs: number;
  /** The moment of collection: the window's end. */
  nowUs: number;
  /** Only what processes of this user logged, which is what the user may read; null for everything. */
  onlyUid?: number | null;
  options?: JournalWindowOptions;
}

/** Bounds of the work and of the result. */
export interface JournalWindowOptions {
  /** Default 200. */
  maxEntries?: number;
  /** How far before the crash the window begins, in ms. Default 5 minutes. */
  beforeMs?: number;
  /** A longer message is cut. Default 8 KiB. */
  maxMessageBytes?: number;
  /** A journal can hold gigabytes: look at no more entries than this. Default 20,000. */
  maxScanned?: number;
  /** And for no longer than this, in ms. Default 500. */
  timeoutMs?: number;
  /** Which journal. Default: this machine's, of all namespaces, as a unit may log to one of its own. */
  journal?: OpenOptions;
}

/** The window, or why there is none. */
export type JournalWindow =
  | {
      /** In the order of time. */
      entries: JournalEntry[];
      /** How many more belong to the window; a lower bound where `notes` says that not all was looked at. */
      omitted: number;
      /** For the report's notes. */
      notes: string[];
    }
  | { missing: string };

const DEFAULTS = {
  maxEntries: 200,
  beforeMs: 5 * 60 * 1000,
  maxMessageBytes: 8 * 1024,
  maxScanned: 20_000,
  timeoutMs: 500,
  journal: { namespace: '*' },
};

/** The kernel says one or two lines about a crash, and more than this about nobody. */
const MAX_KERNEL_ENTRIES = 20;
/** How many of the kernel's lines to look through for those. */
const MAX_KERNEL_SCANNED = 500;
/** What came after the crash (a service's restart) may take a quarter of the room: what came before says why. */
const SHARE_AFTER_CRASH = 0.25;
/**
 * journald stamps a line when it takes it up, which on a busy machine is after the crash was seen, and that time may be
 * the kernel's, in whole seconds: within this time the process's own lines are still its last words.
 */
const LATE_US = 2_000_000;
/** The start time is computed from clock ticks and the boot time, which the clock's correction moves. */
const START_TOLERANCE_US = 1_000_000;
/** Emergency to warning: syslog(3). */
const WARNING_AND_WORSE = [0, 1, 2, 3, 4];

/**
 * Reads what the journal says around a crash: what the kernel says about the process, what it logged itself, what its
 * unit and systemd about it logged, and then the machine's warnings and worse, in this order as long as there is room.
 * Of each the newest before the crash come first.
 *
 * Synchronous, within the bounds of its options. Call `syncJournal()` before it.
 *
 * @returns Never throws for what the journal holds or lacks.
 */
export function readJournalWindow(request: JournalWindowRequest): JournalWindow {
  const open = request.options?.journal ?? DEFAULTS.journal;
  const maxMessageBytes = request.options?.maxMessageBytes ?? DEFAULTS.maxMessageBytes;
  const maxFieldBytes = Math.max(maxMessageBytes, MAX_NAME_BYTES);
  let journal: Journal | undefined;
  try {
    journal = Journal.open({ maxFieldBytes, ...open });
    const missing = whyEmpty(journal, open);
    if (missing !== null) return { missing };
    return new WindowReader(journal, request).read();
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { missing: `the journal cannot be read: ${messageOf(error)}` };
  } finally {
    journal?.close();
  }
}

/** Why the machine's journal has no files that we may read; null where it has some. */
function whyEmpty(journal: Journal, open: OpenOptions): string | null {
  const { persistent, runtime } = journal.hasFiles;
  if (persistent || runtime || open.directory !== undefined || open.files !== undefined) return null;
  const isStored = ['/var/log/journal', '/run/log/journal'].some(holdsSomething);
  return isStored ? 'no right to read the journal' : 'no journal on this machine';
}

function holdsSomething(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch (error) {
    // Not there; anything else means that there is something which we may not see.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

/** An entry that is in the window, with what orders it. */
interface Picked {
  entry: JournalEntry;
  realtimeUs: number;
  /** Its number in its file: entries of one microsecond keep their order. */
  sequence: number;
}

/** One walk over the window: which entries, whose they are, and where to stop. */
interface Walk {
  why: string;
  /** Sets the matches. */
  match(journal: Journal): void;
  fromUs: number;
  /** What is later came after the crash. Default: `crashUs`. */
  splitUs?: number;
}

class WindowReader {
  readonly #journal: Journal;
  readonly #request: JournalWindowRequest;
  readonly #limits: Required<JournalWindowOptions>;
  readonly #deadline: number;
  readonly #picked: Picked[] = [];
  /** Every entry that was counted: a process's entry is also its unit's, and may be a warning. */
  readonly #seen = new Set<string>();
  readonly #notes: string[] = [];
  #scanned = 0;
  #omitted = 0;

  constructor(journal: Journal, request: JournalWindowRequest) {
    this.#journal = journal;
    this.#request = request;
    this.#limits = { ...DEFAULTS, ...request.options };
    this.#deadline = performance.now() + this.#limits.timeoutMs;
  }

  read(): JournalWindow {
    const { pid, bootId, unit, crashUs, startedUs, nowUs, onlyUid = null } = this.#request;
    const fromUs = crashUs - this.#limits.beforeMs * 1000;
    const startUs = startedUs == null ? fromUs : Math.max(fromUs, startedUs - START_TOLERANCE_US);
    if (onlyUid === null) this.#pickKernelLines(startUs);
    this.#pick({
      why: 'process',
      fromUs: startUs,
      splitUs: Math.min(nowUs, crashUs + LATE_US),
      match: (journal) => {
        journal.addMatch('_PID', pid).addMatch('_BOOT_ID', bootId);
        if (onlyUid !== null) journal.addMatch('_UID', onlyUid);
      },
    });
    if (unit !== null) {
      const match = onlyUid === null ? matchUnit : matchUnitOf(onlyUid);
      this.#pick({ why: 'unit', fromUs, match: (journal) => match(journal, unit) });
    }
    if (onlyUid === null) {
      this.#pick({
        why: 'machine',
        fromUs,
        match: (journal) => {
          for (const priority of WARNING_AND_WORSE) journal.addMatch('PRIORITY', priority);
        },
      });
    }
    this.#picked.sort((a, b) => a.realtimeUs - b.realtimeUs || a.sequence - b.sequence);
    return {
      entries: this.#picked.map(({ entry }) => entry),
      omitted: this.#omitted,
      notes: this.#notes,
    };
  }

  /**
   * Shares the room that is left between what happened up to the crash, the newest of it, and what followed, the
   * oldest of it.
   */
  #pick(walk: Walk): void {
    const room = this.#limits.maxEntries - this.#picked.length;
    const after = this.#collect(walk, 'forward', room);
    const before = this.#collect(walk, 'backward', room);
    const share = Math.max(Math.floor(room * SHARE_AFTER_CRASH), room - before.picked.length);
    const keptAfter = after.picked.slice(0, share);
    const keptBefore = before.picked.slice(0, room - keptAfter.length);
    this.#picked.push(...keptBefore, ...keptAfter);
    this.#omitted += before.count + after.count - keptBefore.length - keptAfter.length;
  }

  /** The first `room` entries in one direction from the crash, and how many there are in all. */
  #collect(walk: Walk, direction: Direction, room: number): { picked: Picked[]; count: number } {
    const found: { picked: Picked[]; count: number } = { picked: [], count: 0 };
    this.#eachEntry(walk, direction, (cursor) => {
      if (this.#seen.has(cursor.key)) return;
      this.#seen.add(cursor.key);
      found.count += 1;
      if (found.picked.length >= room) return;
      const entry = this.#journal.entry({ fields: RECORD_FIELDS });
      found.picked.push(this.#pickedOf(entry, walk.why, cursor));
    });
    return found;
  }

  /** The kernel's lines that name the process, and the line with the code bytes that follows the fault's. */
  #pickKernelLines(fromUs: number): void {
    const lines: { entry: ReadEntry; cursor: Cursor }[] = [];
    const walk: Walk = {
      why: 'kernel',
      fromUs,
      match: (journal) => journal.addMatch('_TRANSPORT', 'kernel').addMatch('_BOOT_ID', this.#request.bootId),
    };
    for (const direction of ['forward', 'backward'] as const) {
      let scanned = 0;
      this.#eachEntry(walk, direction, (cursor) => {
        scanned += 1;
        if (scanned > MAX_KERNEL_SCANNED) return STOP;
        lines.push({ entry: this.#journal.entry({ fields: RECORD_FIELDS }), cursor });
        return;
      });
    }
    lines.sort((a, b) => a.cursor.sequence - b.cursor.sequence);
    const { pid, tid } = this.#request;
    const ids = tid == null || tid === pid ? [pid] : [pid, tid];
    let wasNamed = false;
    const named = lines.filter(({ entry }) => {
      const line = entry.message ?? '';
      wasNamed = namesProcess(line, ids) || (wasNamed && isCodeLine(line));
      return wasNamed;
    });
    const kept = named.slice(-Math.min(MAX_KERNEL_ENTRIES, this.#limits.maxEntries));
    for (const { cursor } of named) this.#seen.add(cursor.key);
    for (const { entry, cursor } of kept) this.#picked.push(this.#pickedOf(entry, 'kernel', cursor));
    this.#omitted += named.length - kept.length;
  }

  /** Goes over the matching entries from the walk's split to the window's end in one direction, within the bounds. */
  #eachEntry(walk: Walk, direction: Direction, visit: (cursor: Cursor) => typeof STOP | undefined): void {
    const { crashUs, nowUs } = this.#request;
    const splitUs = walk.splitUs ?? crashUs;
    const journal = this.#journal;
    const budget = this.#budgetOf(direction);
    try {
      journal.clearMatches();
      walk.match(journal);
      journal.seekRealtime(Math.max(0, direction === 'backward' ? splitUs : splitUs + 1));
      while (direction === 'backward' ? journal.previous() : journal.next()) {
        if (this.#isSpent(budget)) return;
        const { realtimeUs } = journal;
        if (direction === 'backward' ? realtimeUs < walk.fromUs : realtimeUs > nowUs) return;
        const isOnOtherSide = direction === 'backward' ? realtimeUs > splitUs : realtimeUs <= splitUs;
        if (!isOnOtherSide && visit(cursorOf(journal.cursor)) === STOP) return;
      }
    } catch (error) {
      // A damaged file must not cost what was read before it.
      if (!(error instanceof JournalError)) throw error;
      this.#note(`journal: ${messageOf(error)}`);
    }
  }

  /** What followed the crash is read first, and must not use up what the time before it needs. */
  #budgetOf(direction: Direction): { scanned: number; deadline: number } {
    const share = direction === 'forward' ? SHARE_AFTER_CRASH : 1;
    const now = performance.now();
    return {
      scanned: this.#scanned + Math.ceil((this.#limits.maxScanned - this.#scanned) * share),
      deadline: now + (this.#deadline - now) * share,
    };
  }

  #isSpent(budget: { scanned: number; deadline: number }): boolean {
    const { maxScanned, timeoutMs } = this.#limits;
    if (this.#scanned >= budget.scanned) {
      this.#note(`journal: no more than ${maxScanned} entries were looked at, more may have been left out`);
      return true;
    }
    this.#scanned += 1;
    if (performance.now() <= budget.deadline) return false;
    this.#note(`journal: looked at for at most ${timeoutMs} ms, more may have been left out`);
    return true;
  }

  #note(note: string): void {
    if (!this.#notes.includes(note)) this.#notes.push(note);
  }

  #pickedOf(entry: ReadEntry, why: string, cursor: Cursor): Picked {
    const recorded = recordJournalEntry(entry, why, this.#limits.maxMessageBytes);
    return { entry: recorded, realtimeUs: entry.realtimeUs, sequence: cursor.sequence };
  }
}

type Direction = 'backward' | 'forward';
/** What a visitor returns to end the walk. */
const STOP = 'stop';

/** What of a cursor (`s=ID;i=NUMBER;b=...`) tells entries apart: the file set's id and the number in it, in hex. */
interface Cursor {
  key: string;
  sequence: number;
}

function cursorOf(cursor: string): Cursor {
  const match = /^s=[0-9a-f]+;i=([0-9a-f]+)/.exec(cursor);
  return match === null
    ? { key: cursor, sequence: 0 }
    : { key: match[0], sequence: Number.parseInt(match[1] ?? '0', 16) };
}

/** What belongs to a unit: what `journalctl -u` shows (add_matches_for_unit() in systemd's logs-show.c). */
function matchUnit(journal: Journal, unit: string | Uint8Array): void {
  journal.addMatch('_SYSTEMD_UNIT', unit);
  journal.or().addMatch('_SYSTEMD_USER_UNIT', unit);
  journal.or().addMatch('_PID', 1).addMatch('UNIT', unit);
  journal.or().addMatch('_UID', 0).addMatch('OBJECT_SYSTEMD_UNIT', unit);
  journal.or().addMatch('_UID', 0).addMatch('COREDUMP_UNIT', unit);
}

/** What processes of one user logged in a unit. */
function matchUnitOf(uid: number): typeof matchUnit {
  return (journal, unit) => {
    journal.addMatch('_SYSTEMD_UNIT', unit).addMatch('_UID', uid);
    journal.or().addMatch('_SYSTEMD_USER_UNIT', unit).addMatch('_UID', uid);
  };
}
