import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { type FoundReport, findReports } from '../report/find-reports.ts';
import type { HistoryEntry } from '../report/history.ts';
import { historyCounts } from '../report/history-counts.ts';
import { instantOf } from '../report/instant.ts';
import { printable } from '../report/printable-text.ts';
import { readHistory } from '../report/read-history.ts';
import type { Frame, Instant } from '../report/record.ts';
import { placeText } from '../report/sections/frame.ts';
import { placeOfCrash } from '../report/signature.ts';
import { beginningOfText } from '../server/beginning-of-text.ts';
import { eventOfCrashId } from '../server/history-line.ts';
import { type ReportSummary, readSummary } from './report-summary.ts';

/** A report as a list shows it. Null: not known. Text of a dead process is in the escape of bytes-text.ts. */
export interface ListedReport {
  slot: number;
  name: string;
  crashId: string | null;
  at: Instant;
  signal: string | null;
  /** Path of the executable, else comm. */
  program: string | null;
  comm: string | null;
  pid: number | null;
  uid: number | null;
  user: string | null;
  /** The service manager's, the user's own manager's and the one inside a container, as far as there are any. */
  units: string[];
  where: string | null;
  quickKey: string | null;
  signature: { text: string; hash: string } | null;
  /** Further crashes of the same kind in the history. */
  repeats: number | null;
  /** Of text, JSON and core together. */
  bytes: number;
  /** What is wrong with it, in words. */
  problem: string | null;
}

/** What a log directory has for a list, and what it has not. */
export interface ReportList {
  /** Newest first. */
  reports: ListedReport[];
  /** Those that this user may not read. */
  forbidden: FoundReport[];
  /** What else a person should know, in words. */
  problems: string[];
}

type Read = {
  found: FoundReport;
  summary: ReportSummary | null;
  problem: string | null;
  isForbidden: boolean;
};

/** @throws Node's error where the directory cannot be read. */
export async function listReports(logDir: string): Promise<ReportList> {
  const read: Read[] = [];
  // One after the other: each is read in one go, and ten thousand at once would want as many descriptors.
  for (const found of await findReports(logDir)) read.push(await readOne(found));
  const damaged = read.filter(({ summary, isForbidden }) => summary === null && !isForbidden);
  const ids = new Map<string, string | null>();
  for (const { found } of damaged) ids.set(found.name, await crashIdIn(found.text.path));
  const { counts, entries, problems } = await fromHistory(logDir, new Set(ids.values()));
  const repeats = (key: string | null) => {
    const count = key === null ? undefined : counts?.get(key)?.count;
    return count === undefined ? null : count - 1;
  };
  const reports = read
    .filter(({ isForbidden }) => !isForbidden)
    .map(({ found, summary, problem }) => {
      if (summary !== null)
        return { ...listed(found), ...ofSummary(summary), repeats: repeats(summary.quickKey) };
      const crashId = ids.get(found.name) ?? null;
      const entry = entries.get(crashId ?? '');
      const known = entry === undefined ? ofCrashId(crashId) : ofEntry(entry);
      return { ...listed(found), ...known, crashId, repeats: repeats(known.quickKey ?? null), problem };
    });
  return {
    reports,
    forbidden: read.filter(({ isForbidden }) => isForbidden).map(({ found }) => found),
    problems: [...(await halvesIn(logDir)), ...problems],
  };
}

/** Of reports that are not whole: their text is what is published last, and removed first. */
async function halvesIn(logDir: string): Promise<string[]> {
  const names = existsSync(logDir) ? await readdir(logDir) : [];
  const there = new Set(names);
  const halves = names.filter((name) => {
    const [, text = ''] = /^(usercrash_\d{2,4})\.(?:json|core\.zst)$/.exec(name) ?? [];
    return text !== '' && !there.has(text);
  });
  return halves.map((name) => `${name}: the text of its report is not there; the server removes it`);
}

async function readOne(found: FoundReport): Promise<Read> {
  const none = { found, summary: null, isForbidden: false };
  if (found.json === null) return { ...none, problem: 'its JSON is not there' };
  try {
    return { ...none, summary: await readSummary(found.json), problem: null };
  } catch (error) {
    const isForbidden = hasErrno(error, 'EACCES', 'EPERM');
    return { ...none, isForbidden, problem: `its JSON cannot be read: ${messageOf(error)}` };
  }
}

function listed({ slot, name, text, json, core }: FoundReport): ListedReport {
  const bytes = [text, json, core].reduce((sum, file) => sum + (file?.bytes ?? 0), 0);
  return {
    ...{ slot, name, bytes, at: instantOf(text.mtimeMs * 1000), problem: null, crashId: null, units: [] },
    ...{ signal: null, program: null, comm: null, pid: null, uid: null, user: null, where: null },
    ...{ quickKey: null, signature: null, repeats: null },
  };
}

function ofSummary(summary: ReportSummary) {
  const { crashId, at, signal, quickKey, signature, process } = summary;
  const { comm, exe, pid, uid, user, unit, userUnit = null, unitInside = null } = process;
  const frame = placeOfCrash(summary);
  return {
    ...{ crashId, at, quickKey, signature, comm, pid, uid, user, signal: signal?.name ?? null },
    program: exe ?? comm,
    units: [userUnit, unit, unitInside].filter((name) => name !== null),
    where: frame === null ? null : whereOf(frame, process),
  };
}

/** Short, for a column: no path, which the program's column has, and of a frame without a name no address, but where in its file. */
function whereOf(frame: Frame, process: ReportSummary['process']): string {
  const { function: name, module, moduleOffset } = frame;
  if (name === null && module !== null && moduleOffset !== null)
    return `${printable(basename(module))}+0x${moduleOffset.replace(/^0+(?=.)/, '')}`;
  return placeText(name === null ? frame : { ...frame, module: null }, { process, modules: [] });
}

function ofEntry({ at, signal, program, pid, uid, unit, quickKey, signature }: HistoryEntry) {
  return { at, signal, program, pid, uid, quickKey, signature, units: unit === null ? [] : [unit] };
}

function ofCrashId(crashId: string | null): Partial<ListedReport> {
  if (crashId === null) return {};
  const { pid, atUs } = eventOfCrashId(crashId);
  return { pid, at: instantOf(atUs) };
}

/** A text begins with the crash's id; null where this one does not. */
async function crashIdIn(path: string): Promise<string | null> {
  try {
    return /^([0-9a-f]{32}-\d+-\d+-\d+)/m.exec(await beginningOfText(path))?.[1] ?? null;
  } catch {
    return null; // Replaced or removed at this moment; what is wrong with it is told already.
  }
}

/** How often each was seen, and what is said of these crashes. */
async function fromHistory(logDir: string, wanted: ReadonlySet<string | null>) {
  const entries = new Map<string, HistoryEntry>();
  const reader = readHistory(logDir);
  async function* noting() {
    for await (const entry of reader) {
      if (entry.crashId !== null && wanted.has(entry.crashId)) entries.set(entry.crashId, entry);
      yield entry;
    }
  }
  try {
    const counts = await historyCounts(noting());
    const problems =
      reader.skipped === 0 ? [] : [`${reader.skipped} damaged lines of the history were passed over`];
    return { counts, entries, problems };
  } catch (error) {
    const problems = [`the history cannot be read, so repeats are not known: ${messageOf(error)}`];
    return { counts: null, entries, problems };
  }
}
