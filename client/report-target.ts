import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { OwnMounts } from '../capture/own-mounts.ts';
import { type RunSettings, readRunSettings } from '../config/run-settings.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { allowReading } from '../linux/allow-reading.ts';
import { asRoot } from '../linux/as-root.ts';
import { tryLock } from '../linux/flock.ts';
import { isOutOfRoom } from '../linux/is-out-of-room.ts';
import { nameFileSync } from '../linux/name-file.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { openUnnamedOrMemorySync } from '../linux/unnamed-or-memory.ts';
import {
  type Completed,
  type CrashEvent,
  encodeMessage,
  type ModuleFile,
  Reason,
} from '../protocol/codec.ts';
import { ANSWER_TIMEOUT_MS, GRANT_TIMEOUT_MS, PUBLISH_TIMEOUT_MS } from '../protocol/conversation.ts';
import { isRefusedFor, ServerConnection } from '../protocol/server-connection.ts';
import { PENDING_DIR, type PendingFiles, pendingFiles, reportOwnership } from '../report/pending-files.ts';
import { connectToServer } from './connect-to-server.ts';
import { type KeepingPlace, keepingPlace } from './keeping-place.ts';
import { ReportKeeper } from './report-keeper.ts';

/** Descriptors that a crash is written to. */
export interface TargetFiles {
  text: number;
  json: number;
  core: number;
  captured: number;
}

/** The server has counted a crash, and wants no more of it. */
export interface Repeat {
  quickKey: string;
  /** The crash whose report stands for it. */
  of: string;
  /** For how many milliseconds from now the next of its kind will be refused as well. */
  notBeforeMs: number;
}

/** Thrown for a crash that repeats another. */
export class RepeatError extends UsercrashError {
  readonly repeat: Repeat;

  constructor(repeat: Repeat) {
    super('E_REPEAT', `It repeats ${repeat.of}`);
    this.repeat = repeat;
  }
}

/** What is open for a crash: the connection to the server, the files, and locks. */
export interface HandedDescriptors {
  server: number | null;
  files: TargetFiles;
  others: number[];
}

/** What becomes of a crash once it is captured. */
export type Verdict = 'analyse' | 'deferred';

/**
 * Where a crash goes: to the server, and where there is none, or none any more, into `.pending`. The client's other
 * parts do not see the difference.
 */
export class ReportTarget {
  readonly files: TargetFiles;
  /** Of a deferred crash: its modules' files that the server has kept, by index in the record's `modules`. */
  readonly modules = new Map<number, { fd: number; mayBlock: boolean }>();
  /** Of a deferred crash: what the server has kept of a process with mounts of its own. Whoever takes them closes them. */
  mounts: OwnMounts | null = null;
  /** What a reader of the report should know about the way that it took. */
  readonly notes: string[] = [];
  readonly #runDir: string;
  readonly #settings: RunSettings;
  /** Where the crash is kept where there is no server. */
  #place: KeepingPlace;
  readonly #crash: { crashId: string; event: CrashEvent | null };
  /** Descriptors of ours, locks among them. */
  readonly #open: Set<number>;
  #server: ServerConnection | null;
  #keeper: ReportKeeper | null = null;

  private constructor(
    crash: { crashId: string; event: CrashEvent | null },
    runDir: string,
    granted: { server: ServerConnection | null; files: TargetFiles; place?: KeepingPlace },
  ) {
    this.#crash = crash;
    this.#runDir = runDir;
    this.#settings = readRunSettings(runDir);
    this.#place = granted.place ?? { directory: this.#settings.logDir, isSpool: false, why: null };
    this.#server = granted.server;
    this.files = granted.files;
    this.#open = new Set(Object.values(granted.files));
  }

  /**
   * Asks the server for a report, or makes the files itself.
   *
   * @throws {RepeatError} Where the crash repeats another: it is counted, and nothing is to be kept of it.
   * @throws {UsercrashError} E_NO_ROOM where there is no server, and no room for a crash that waits for one.
   * @throws Node's error where there is no server and the log directory cannot be written either.
   */
  static open(runDir: string, event: CrashEvent): ReportTarget {
    let server: ServerConnection | null = null;
    try {
      server = connectToServer(runDir);
      server.send('crashEvent', event);
      return new ReportTarget({ crashId: event.crashId, event }, runDir, {
        server,
        files: receiveGrant(server, GRANT_TIMEOUT_MS),
      });
    } catch (error) {
      server?.close();
      if (isRefusedFor(error, Reason.REPEAT)) {
        const { repeatOf: of = '', notBeforeMs = 0 } = error.refused ?? {};
        throw new RepeatError({ quickKey: event.quickKey, of, notBeforeMs });
      }
      const settings = readRunSettings(runDir);
      const place = asRoot(() => keepingPlace(runDir, settings));
      const own = { server: null, files: asRoot(() => ownFiles(place, settings, event.dumpable)), place };
      const target = new ReportTarget({ crashId: event.crashId, event }, runDir, own);
      target.notes.push(`collected without the server: ${messageOf(error)}`);
      target.#noteSpool();
      return target;
    }
  }

  /**
   * Joins the server that started this client for a deferred crash; small core and captured record are filled.
   *
   * @throws {ServerRefusedError} Where the server does not know the crash.
   */
  static resume(runDir: string, crashId: string): ReportTarget {
    const server = connectToServer(runDir);
    server.send('resumeAnalysis', { crashId });
    // It is a server's own client: there is nothing else to go on with.
    const files = receiveGrant(server, ANSWER_TIMEOUT_MS);
    const granted = server.receive(['analysisGranted'], ANSWER_TIMEOUT_MS);
    const target = new ReportTarget({ crashId, event: null }, runDir, { server, files });
    const places = new Map<string, number>();
    for (const [index, { module, mayBlock, place }] of granted.value.files.entries()) {
      const fd = granted.descriptors[index];
      if (fd === undefined) continue;
      if (place === '') target.modules.set(module, { fd, mayBlock });
      else places.set(place, fd);
    }
    const [root, namespace] = [places.get('root'), places.get('mounts')];
    if (root !== undefined && namespace !== undefined) target.mounts = { root, namespace };
    for (const fd of granted.descriptors) if (fd !== root && fd !== namespace) target.#open.add(fd);
    return target;
  }

  /**
   * Goes on with a crash that another process has captured and handed over; the descriptors are ours now.
   *
   * @param handed As {@link descriptors} of the other process gave them.
   */
  static takeOver(runDir: string, crashId: string, handed: HandedDescriptors): ReportTarget {
    const server = handed.server === null ? null : new ServerConnection(handed.server);
    const { files, others } = handed;
    const target = new ReportTarget({ crashId, event: null }, runDir, { server, files });
    for (const fd of others) target.#open.add(fd);
    return target;
  }

  /** Everything that is open for the crash, for a process that takes it over; ours until it is closed. */
  get descriptors(): HandedDescriptors {
    const files = new Set<number>(Object.values(this.files));
    const others = [...this.#open].filter((fd) => !files.has(fd));
    return { server: this.#server?.fd ?? null, files: this.files, others };
  }

  /**
   * Says that the process has been let go, with small core and captured record whole.
   *
   * @param modules Files that a server keeps for a later analysis; without one it opens them by their paths.
   */
  captured(
    coreBytes: number,
    heldMs: number,
    modules: { files: ModuleFile[]; descriptors: readonly number[] },
  ): Verdict {
    if (this.#server !== null) {
      try {
        const { files, descriptors } = modules;
        this.#server.send('captured', { coreBytes, heldMs, files }, descriptors);
        const answer = this.#server.receive(['analysisGranted', 'analysisDeferred'], ANSWER_TIMEOUT_MS);
        return answer.name === 'analysisGranted' ? 'analyse' : 'deferred';
      } catch (error) {
        // The server has no room for it, and it is its room.
        if (isRefusedFor(error, Reason.NO_ROOM)) throw error;
        this.#goOnAlone(error);
        this.#place = asRoot(() => keepingPlace(this.#runDir, this.#settings));
        this.#noteSpool();
      }
    }
    asRoot(() => this.#keepCaptured());
    if (this.#place.isSpool) return 'deferred';
    // Nobody counts how many analyse without a server, so it is one at a time; the others wait for a server.
    const lock = asRoot(() => openSync(join(this.#pendingDir, '.analysing'), 'a', 0o600));
    this.#open.add(lock);
    return tryLock(lock) ? 'analyse' : 'deferred';
  }

  /**
   * For a process that gives up root: from here on it can still keep its report where there is no server.
   *
   * @throws {SystemCallError} Where no process can be started.
   */
  keepRoot(): void {
    const names = this.#names;
    this.#keeper = new ReportKeeper([
      { fd: this.files.core, path: null },
      { fd: this.files.json, path: names.json },
      { fd: this.files.text, path: names.text },
    ]);
  }

  /**
   * Says that text and JSON are whole.
   *
   * @returns Path of the published text, or of the pending one.
   */
  async completed(result: Completed): Promise<string> {
    if (this.#server !== null) {
      try {
        this.#server.send('completed', result);
        return this.#server.receive(['published'], PUBLISH_TIMEOUT_MS).value.textPath;
      } catch (error) {
        this.#goOnAlone(error);
        if (this.#keeper === null) this.#keepCaptured();
      }
    }
    const names = this.#names;
    if (this.#keeper === null) {
      const { core, json, text } = this.files;
      // After a power cut a report is whole, or there is none.
      for (const fd of [core, json, text]) fdatasyncSync(fd);
      giveName(json, names.json);
      giveName(text, names.text);
    } else await this.#keeper.name();
    // Its lock tells a server that somebody is still at work.
    this.close();
    return names.text;
  }

  /** Lets go of the small core, once the report is written: it is not to be kept. */
  dropCore(): void {
    ftruncateSync(this.files.core, 0);
  }

  /** Lets a user read what will be published. @returns Whether the file system has means for that. */
  allowReading(uid: number): boolean {
    try {
      const { text, json, core } = this.files;
      for (const fd of [text, json, core]) allowReading(fd, uid);
      return true;
    } catch (error) {
      if (!hasErrno(error, 'ENOTSUP')) throw error;
      return false;
    }
  }

  /** Says that no report will come of this, and why. */
  aborted(error: unknown): void {
    try {
      this.#server?.send('aborted', { reason: messageOf(error), noRoom: isOutOfRoom(error) });
    } catch {
      // The server is gone as well: the kernel log has the reason.
    }
  }

  get crashId(): string {
    return this.#crash.crashId;
  }

  /** Lets go of everything. */
  close(): void {
    this.#server?.close();
    this.#server = null;
    this.#keeper?.close();
    this.#keeper = null;
    for (const fd of this.#open) closeSync(fd);
    this.#open.clear();
  }

  get #pendingDir(): string {
    return join(this.#place.directory, PENDING_DIR);
  }

  get #names(): PendingFiles {
    return pendingFiles(this.#place.directory, this.#crash.crashId);
  }

  #noteSpool(): void {
    if (this.#place.why !== null) this.notes.push(`kept in the run directory: ${this.#place.why}`);
  }

  #goOnAlone(error: unknown): void {
    this.#server?.close();
    this.#server = null;
    this.notes.push(`the server was lost midway: ${messageOf(error)}`);
  }

  /** The order is told in report/pending-files.ts. */
  #keepCaptured(): void {
    mkdirSync(this.#pendingDir, { recursive: true, mode: 0o700 });
    const names = this.#names;
    // A resumed crash is there already: it is where it was resumed from.
    if (this.#crash.event === null) return;
    // So is one that the server has stored before it was lost.
    if (existsSync(names.captured)) return;
    try {
      writeFileSync(names.event, encodeMessage('crashEvent', this.#crash.event), { mode: 0o600 });
      giveName(this.files.core, names.core);
      giveName(this.files.captured, names.captured);
    } catch (error) {
      // Half a crash is of no use, and the disk is full.
      for (const path of [names.captured, names.core, names.event]) rmSync(path, { force: true });
      throw error;
    }
  }
}

function receiveGrant(server: ServerConnection, limitMs: number): TargetFiles {
  const { descriptors } = server.receive(['reportGranted'], limitMs);
  const [text, json, core, captured] = descriptors;
  if (text === undefined || json === undefined || core === undefined || captured === undefined) {
    for (const fd of descriptors) closeSync(fd);
    throw new Error(`the server granted ${descriptors.length} descriptors instead of 4`);
  }
  return { text, json, core, captured };
}

/** The same four files that a server would have granted. */
function ownFiles(place: KeepingPlace, settings: RunSettings, dumpable: number): TargetFiles {
  const ownership = reportOwnership(dumpable, settings.reportGroup);
  const opened: number[] = [];
  const file = () => {
    const fd = openUnnamedOrMemorySync(place.directory, ownership);
    opened.push(fd);
    return fd;
  };
  try {
    const files = { text: file(), json: file(), core: file(), captured: file() };
    tryLock(files.captured);
    return files;
  } catch (error) {
    // The resident client lives on.
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

/** Names a file; one that the server has named already is fine. */
function giveName(fd: number, path: string): void {
  try {
    nameFileSync(fd, path);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
  }
}
