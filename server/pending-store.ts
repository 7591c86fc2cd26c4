import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameFile } from '../linux/name-file.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { type CrashEvent, decodeMessage, encodeMessage, isCrashEvent } from '../protocol/codec.ts';
import { isCrashId } from '../protocol/crash-id.ts';
import { PENDING_DIR, type PendingFiles, pendingFiles } from '../report/pending-files.ts';
import { eventOfCrashId } from './history-line.ts';
import type { ReportFiles } from './report-files.ts';

/** What stands in `.pending` for one crash. */
export interface PendingCrash {
  crashId: string;
  files: PendingFiles;
  /** `torn`: whoever stored it has not finished, or never will; `left`: whoever removed it has not finished. */
  state: 'left' | 'torn' | 'captured' | 'complete';
  /** When it crashed, ms since the epoch. */
  atMs: number;
}

/** The crashes in `.pending`; the order in which their files appear is told in report/pending-files.ts. */
export class PendingStore {
  readonly #logDir: string;
  /** What each crash takes on the disk. */
  readonly #sizes = new Map<string, number>();

  constructor(logDir: string) {
    this.#logDir = logDir;
  }

  get directory(): string {
    return join(this.#logDir, PENDING_DIR);
  }

  /** What all of them take on the disk, as of the last look. */
  get bytes(): number {
    let sum = 0;
    for (const bytes of this.#sizes.values()) sum += bytes;
    return sum;
  }

  /** What a crash takes of {@link bytes}. */
  bytesOf(crashId: string): number {
    return this.#sizes.get(crashId) ?? 0;
  }

  async prepare(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
  }

  filesOf(crashId: string): PendingFiles {
    return pendingFiles(this.#logDir, crashId);
  }

  /**
   * Names what was captured, so that it outlives server and client.
   *
   * @throws Node's or the kernel's error; then nothing is left of it.
   */
  async add(event: CrashEvent, files: ReportFiles): Promise<void> {
    const names = this.filesOf(event.crashId);
    try {
      await writeFile(names.event, encodeMessage('crashEvent', event), { flag: 'wx', mode: 0o600 });
      await nameFile(files.core.fd, names.core);
      await nameFile(files.captured.fd, names.captured);
      this.#sizes.set(event.crashId, await files.capturedBytes());
    } catch (error) {
      // What is there already under this id is somebody else's.
      if (!hasErrno(error, 'EEXIST')) await this.remove(event.crashId);
      throw error;
    }
  }

  /**
   * Forgets a crash. The event goes first and `captured` next: so a removal that was cut short is told from a storing
   * that was, which begins with the event.
   */
  async remove(crashId: string): Promise<void> {
    const { event, captured, text, json, core } = this.filesOf(crashId);
    for (const path of [event, captured, text, json, core]) await rm(path, { force: true });
    this.#sizes.delete(crashId);
  }

  /** Milliseconds since anything of a crash was written. */
  async ageMs(crashId: string): Promise<number> {
    let newestMs = 0;
    for (const path of Object.values(this.filesOf(crashId))) {
      try {
        newestMs = Math.max(newestMs, (await stat(path)).mtimeMs);
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error;
      }
    }
    // A time to come is one by a clock that was set since.
    return Math.abs(Date.now() - newestMs);
  }

  /** The event of a stored crash; null where it is missing or damaged. */
  async eventOf(crashId: string): Promise<CrashEvent | null> {
    try {
      const message = decodeMessage(await readFile(this.filesOf(crashId).event));
      const isWhole = message.name === 'crashEvent' && isCrashEvent(message.value);
      return isWhole && message.value.crashId === crashId ? message.value : null;
    } catch {
      // A torn or missing event does not make the report less of a report: the history line is poorer.
      return null;
    }
  }

  /** The event of a stored crash; where that is missing or damaged, what its id tells. */
  async knownOf(crashId: string): Promise<CrashEvent> {
    return (await this.eventOf(crashId)) ?? eventOfCrashId(crashId);
  }

  /** Whether a crash still waits for its report, or to be published. */
  async has(crashId: string): Promise<boolean> {
    return (await this.find(crashId)) !== null;
  }

  /** What there is of a crash; null where that is not enough for a report. */
  async find(crashId: string): Promise<PendingCrash | null> {
    const found = (await this.list()).find((crash) => crash.crashId === crashId);
    return found !== undefined && isWhole(found.state) ? found : null;
  }

  /** What is there, the oldest crash first. */
  async list(): Promise<PendingCrash[]> {
    const suffixes = new Map<string, Set<string>>();
    for (const name of await this.#names()) {
      const dot = name.indexOf('.');
      const crashId = name.slice(0, dot);
      if (dot === -1 || !isCrashId(crashId)) continue;
      const known = suffixes.get(crashId) ?? new Set();
      suffixes.set(crashId, known.add(name.slice(dot)));
    }
    const crashes: PendingCrash[] = [];
    for (const [crashId, names] of suffixes) {
      crashes.push({
        crashId,
        files: this.filesOf(crashId),
        state: stateOf(names),
        atMs: crashTimeMs(crashId),
      });
    }
    await this.#measure(suffixes);
    return crashes.sort((a, b) => a.atMs - b.atMs);
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return []; // Somebody has removed the directory.
      throw error;
    }
  }

  /** Takes note of what came or went without us: of clients that had no server, by hand. */
  async #measure(there: { has(crashId: string): boolean; keys(): Iterable<string> }): Promise<void> {
    for (const crashId of [...this.#sizes.keys()]) if (!there.has(crashId)) this.#sizes.delete(crashId);
    for (const crashId of there.keys()) {
      if (this.#sizes.has(crashId)) continue;
      let bytes = 0;
      for (const path of Object.values(this.filesOf(crashId))) bytes += await fileBytes(path);
      this.#sizes.set(crashId, bytes);
    }
  }
}

/** What a file takes on the disk; nothing where it does not exist. */
async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).blocks * 512;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}

function stateOf(names: ReadonlySet<string>): PendingCrash['state'] {
  if (!names.has('.captured')) return names.has('.event') ? 'torn' : 'left';
  return names.has('.txt') && names.has('.json') ? 'complete' : 'captured';
}

/** Whether what is there is enough for a report. */
function isWhole(state: PendingCrash['state']): boolean {
  return state === 'captured' || state === 'complete';
}

/** The last part of a crash id is its time in µs. */
function crashTimeMs(crashId: string): number {
  return Number(crashId.slice(crashId.lastIndexOf('-') + 1)) / 1000;
}
