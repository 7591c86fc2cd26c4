import assert from 'node:assert/strict';
import type { MachineFacts } from '../../analysis/machine.ts';
import { recordFromCapture } from '../../analysis/record-from-capture.ts';
import type { Captured, CoreHead, ProcessSnapshot } from '../../capture/captured.ts';
import { emptyHead } from '../../capture/read-core-head.ts';
import { unknownProcess } from '../../capture/same-process.ts';
import { qualityOf } from '../../report/quality.ts';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { recordSchema } from '../../report/record-schema.ts';
import { renderJson } from '../../report/render-json.ts';
import { END_LINE, renderText } from '../../report/render-text.ts';
import { signatureOf } from '../../report/signature.ts';

const MACHINE: MachineFacts = {
  machine: {
    host: 'prod-web-01',
    os: null,
    kernel: '6.18.44',
    architecture: 'x86_64',
    bootId: 'e'.repeat(32),
  },
  bootedUs: 1_763_668_281_000_000,
};
const PID = 4242;
const AT_US = 1_763_678_157_123_456;

/** A process of which nothing is known, and of which nobody says why. */
function emptySnapshot(): ProcessSnapshot {
  return { ...unknownProcess(PID, ''), failures: new Map() };
}

/** A capture of which only these things are known. */
export function capturedWith(
  snapshot: Partial<ProcessSnapshot>,
  others: Partial<Omit<Captured, 'snapshot'>> = {},
): Captured {
  return {
    head: emptyHead(62),
    quickKey: '0123456789abcdef',
    core: null,
    modules: [],
    mounts: null,
    ...others,
    snapshot: { ...emptySnapshot(), ...snapshot },
  };
}

/** The record of a capture, as the client makes it. */
export function recordOf(captured: Captured): CrashRecord {
  const ids = { pid: PID, tid: PID, namespacePid: PID, namespaceTid: PID, uid: 0, gid: 0 };
  const event = {
    usercrash: '0.1.0',
    crashId: `${'e'.repeat(32)}-${PID}-1-${AT_US}`,
    atUs: AT_US,
    mode: 'pipe',
    kind: 'crash',
    dumpable: 1,
    signalNumber: 11,
    ...ids,
  };
  return recordFromCapture({ captured, event, machine: MACHINE });
}

/** A capture of which only the head of its core is known. */
export function capturedHead(head: CoreHead): Captured {
  return capturedWith({}, { head });
}

/**
 * A record is what its schema says, survives the way through JSON, and its text can do no harm.
 *
 * @throws Where that is not so.
 */
export function assertRecord(record: CrashRecord): void {
  record.signature = signatureOf(record);
  record.quality = qualityOf(record);
  assert.deepEqual(recordSchema.parse(record), record);
  assert.deepEqual(readRecord(renderJson(record)), record);
  assertReportText(renderText(record));
}

/** Titles of sections in the order of the report. */
const TITLES =
  'Backtrace Threads Registers Stack Memory Code Source Open_files Maps Process Journal Kernel Collection End_of_report';

/** A report has its lines and sections, and nothing in it steers a terminal or passes for a title. */
export function assertReportText(text: string): void {
  const unsafe = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.exec(text);
  assert.equal(unsafe, null, `${JSON.stringify(unsafe?.[0])} at ${unsafe?.index}`);
  const titles = [...text.matchAll(/^== (.*) ==$/gm)].map(([, title = '']) => title.replaceAll(' ', '_'));
  assert.equal(titles.join(' '), TITLES);
  assert.equal([...text.matchAll(/^(?:==|\*\*\*)/gm)].length, titles.length + 1);
  assert.ok(text.endsWith(`\n${END_LINE}\n`));
  assert.doesNotMatch(text, /could not be shown/);
}
