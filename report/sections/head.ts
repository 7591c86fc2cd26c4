import { addressText } from '../address-text.ts';
import { fill, REPORT_COLUMNS } from '../columns.ts';
import { dateOf, readableInstant } from '../instant.ts';
import { LEFT_OUT } from '../leave-out-memory.ts';
import { LEFT_OUT_FOR_OWNER } from '../leave-out-others.ts';
import { printable, shellWord } from '../printable-text.ts';
import { readableBytes, readableDuration, readableMs } from '../readable-amounts.ts';
import type { Record as CrashRecord } from '../record.ts';
import { shownThread } from '../shown-thread.ts';
import { signalPhrase } from '../signals.ts';
import { placeOfCrash, placeOfProgram } from '../signature.ts';
import { activitySummary } from './activity.ts';
import { placeText } from './frame.ts';
import { headMessage } from './journal.ts';

const LABEL_COLUMNS = 11;
/** Own messages in the head: the last words of a program are mostly one line, or two. */
const HEAD_MESSAGES = 2;

/** The block in front of the sections: what died, where, and on which machine. */
export function headLines(record: CrashRecord): string[] {
  return [
    titleLine(record),
    '',
    ...eventRow(record),
    ...row('Where', whereParts(record)),
    ...row('Signature', signatureParts(record)),
    ...row('Process', processParts(record)),
    ...row('Command', commandParts(record)),
    ...row('Unit', unitParts(record)),
    ...row('Machine', machineParts(record)),
    ...journalRows(record),
    ...row('More', moreParts(record)),
    ...row('Left out', leftOutParts(record)),
  ];
}

function titleLine(record: CrashRecord): string {
  const name = printable(record.crashId);
  const version = `usercrash ${printable(record.usercrash)}, report ${record.schema}`;
  return `${name}  ${version.padStart(REPORT_COLUMNS - name.length - 2)}`;
}

/** A row of the block, with as many lines as its parts need; nothing where there are no parts. */
function row(label: string, parts: readonly string[]): string[] {
  if (parts.length === 0) return [];
  return fill(parts, label.padEnd(LABEL_COLUMNS), ' '.repeat(LABEL_COLUMNS));
}

/** Parts with a comma behind each but the last; those that are null are left out. */
function listed(parts: readonly (string | null)[]): string[] {
  const known = parts.filter((part) => part !== null);
  return known.map((part, at) => (at < known.length - 1 ? `${part}, ` : part));
}

/** What happened: the crash, or what a live process was at. */
function eventRow(record: CrashRecord): string[] {
  if (record.kind === 'live') return row('Live', liveParts(record));
  const { kind, threads } = record;
  const phrase = signalText(record);
  if (kind === 'core' && threads?.some((thread) => thread.crashed) === false) {
    return row('Crash', listed(['none: the core was made of a live process', phrase]));
  }
  return row('Crash', [phrase ?? 'not known']);
}

function signalText(record: CrashRecord): string | null {
  const { signal, process } = record;
  if (signal === null) return null;
  const address = signal.address === null ? null : addressText(signal.address, record);
  return printable(signalPhrase({ ...signal, address }, process.namespacePid ?? process.pid));
}

function liveParts({ threads, omittedThreads, collection }: CrashRecord): string[] {
  const known = threads ?? [];
  const total = known.length + (omittedThreads ?? 0);
  const summary = activitySummary(known);
  const { stoppedMs } = collection;
  const parts = [
    `${total} ${total === 1 ? 'thread' : 'threads'}`,
    ...(summary.length === 0 ? ['state not known'] : summary),
  ];
  const stopped = stoppedMs == null ? '' : `; stopped for ${readableMs(stoppedMs)}`;
  return parts.map((part, at) => {
    if (at === 0) return `${part}: `;
    return at < parts.length - 1 ? `${part}, ` : `${part}${stopped}`;
  });
}

function whereParts(record: CrashRecord): string[] {
  const crashed = shownThread(record);
  const frame = crashed?.crashed === true ? placeOfCrash(record) : placeOfProgram(record);
  const place =
    frame === null
      ? placeText({ pc: crashed?.pc ?? null }, record)
      : placeText(frame, { ...record, modules: [] });
  const thread = crashed?.name ?? null;
  return listed([place, thread === null ? null : `thread ${printable(thread)}`]);
}

function signatureParts({ signature }: CrashRecord): string[] {
  return signature === null ? [] : [`${printable(signature.text)}   `, signature.hash];
}

/** The command line where it says more than the program's name; all of it is in the Process section. */
function commandParts({ process: { commandLine } }: CrashRecord): string[] {
  if (commandLine === null || commandLine.length < 2) return [];
  const text = commandLine.map((word) => shellWord(word)).join(' ');
  const room = REPORT_COLUMNS - LABEL_COLUMNS;
  return [text.length <= room ? text : `${text.slice(0, room - 1)}…`];
}

/** Of a program that is not of the machine's own processor. */
function otherArchitecture({ process, machine }: CrashRecord): string | null {
  const { architecture = null } = process;
  return architecture === null || architecture === machine.architecture ? null : printable(architecture);
}

function processParts(record: CrashRecord): string[] {
  const { process } = record;
  const exe =
    process.exe === null ? '' : ` (${printable(process.exe)}${process.exeDeleted ? ', deleted' : ''})`;
  const inside =
    process.namespacePid !== null && process.namespacePid !== process.pid
      ? ` (${process.namespacePid} in its own namespace)`
      : '';
  const { parent, uptimeMs } = process;
  const parentName = parent === null || parent.comm === null ? '' : ` (${printable(parent.comm)})`;
  return listed([
    `${printable(process.comm)}${exe}`,
    `pid ${process.pid}${inside}`,
    process.tid === process.pid ? null : `tid ${process.tid}`,
    otherArchitecture(record),
    `uid ${process.uid}${userText(process)}`,
    parent === null ? null : `parent ${parent.pid}${parentName}`,
    uptimeMs === null ? null : `up ${readableDuration(uptimeMs)}`,
  ]);
}

/** The user's name on this machine, and who it was in its own user namespace: root inside is not root outside. */
function userText({ user, uid, namespaceUid = null }: CrashRecord['process']): string {
  const inside =
    namespaceUid === null || namespaceUid === uid ? null : `${namespaceUid} in its own namespace`;
  const parts = [user === null ? null : printable(user), inside].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function unitParts(record: CrashRecord): string[] {
  const { process } = record;
  const owner = process.package;
  const packageName =
    owner === null ? '-' : printable(`${owner.name} ${owner.version} ${owner.architecture}`.trim());
  return [
    `${unitText(process)}   `,
    `Container ${containerText(record)}   `,
    `Package ${packageName}   `,
    `Build-id ${process.buildId === null ? '-' : printable(process.buildId)}`,
  ];
}

/** The innermost unit, and the one of this machine's own service manager that it belongs to. */
function unitText({ unit, userUnit = null, unitInside = null }: CrashRecord['process']): string {
  if (unit === null && unitInside === null) return '-';
  const outer =
    userUnit !== null && unit !== null ? `${short(userUnit)} (of ${short(unit)})` : short(unit ?? '');
  if (unitInside === null) return outer;
  return unit === null ? short(unitInside) : `${short(unitInside)} in ${outer}`;
}

/** Engine, id and pod, and the distribution in it where that is another than the machine's. */
function containerText({ process, machine }: CrashRecord): string {
  const { container, containerEngine = null, pod = null, ownSystem = null } = process;
  const name = [containerEngine, container]
    .filter((part) => part !== null)
    .map(short)
    .join(' ');
  const parts = [
    name === '' ? null : `${name}${pod === null ? '' : ` (pod ${short(pod)})`}`,
    ownSystem === null || ownSystem === machine.os ? null : printable(ownSystem),
  ].filter((part) => part !== null);
  return parts.length === 0 ? '-' : parts.join(', ');
}

/** An id of 64 hex digits by its first 12, as container tools show it; the section Process has all of it. */
function short(name: string): string {
  return printable(name).replace(/(?<![0-9a-f])([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-f])/, '$1');
}

function machineParts({ kind, machine, at }: CrashRecord): string[] {
  if (kind === 'core') {
    return listed([
      `not told by a core`,
      printable(machine.architecture),
      `file of ${printable(readableInstant(at))}`,
    ]);
  }
  return listed([
    printable(machine.host),
    machine.os === null ? null : printable(machine.os),
    `Linux ${printable(machine.kernel)} ${printable(machine.architecture)}`,
    `boot ${printable(machine.bootId.slice(0, 8))}`,
    `at ${printable(readableInstant(at))}`,
  ]);
}

function journalRows(record: CrashRecord): string[] {
  const entries = record.journal?.entries ?? [];
  const before = entries.filter((entry) => entry.at.us <= record.at.us || entry.why === 'process');
  const own = before.filter((entry) => entry.why === 'process');
  const chosen = (own.length > 0 ? own : before.filter((entry) => entry.why === 'unit')).slice(
    -HEAD_MESSAGES,
  );
  return chosen.flatMap((entry, at) =>
    row(at === 0 ? 'Journal' : '', [headMessage(entry, dateOf(record.at))]),
  );
}

function moreParts({ kind, collection, quality }: CrashRecord): string[] {
  const { core } = collection;
  const size = core === null ? '' : readableBytes(core.compressedBytes ?? core.bytes);
  return [
    core === null ? 'no core' : coreText(kind, size),
    ...(quality === null ? [] : [`   ·   quality ${quality}/4`]),
  ];
}

/** What the reader does not find, on purpose. */
function leftOutParts({ readers, process }: CrashRecord): string[] {
  if (readers === 'owner') return [`${LEFT_OUT_FOR_OWNER}: `, `uid ${process.uid} may read this report`];
  if (readers !== 'root') return [];
  return [`${LEFT_OUT}: `, `only root may read this process (dumpable ${process.dumpable ?? 'not known'})`];
}

/** Where the core is: that of a crash is kept, what a debugger reads is not. */
function coreText(kind: string, size: string): string {
  if (kind === 'live') return `small core of ${size}, not kept`;
  if (kind === 'core') return `read from a core of ${size}`;
  return `core beside this file, .core.zst (${size})`;
}
