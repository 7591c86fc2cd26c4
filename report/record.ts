export type {
  Activity,
  Frame,
  Instant,
  Instruction,
  JournalEntry,
  Mapping,
  MemoryWindow,
  Module,
  Record,
  Signal,
  Thread,
  Variable,
  Word,
} from './record-schema.ts';

/**
 * The record: everything that is known of one crash, and the only thing that the text report, the JSON report
 * and every later reader are made from. Its fields are in record-schema.ts.
 *
 * What holds throughout:
 * - every field may be null: not known, not readable or not there; `missing` says why for whole sections;
 * - enums may grow: a reader keeps strings that it does not know;
 * - addresses and register values are 16-digit hex strings without 0x;
 * - text that a dead process controlled is in the escape of bytes-text.ts;
 * - sizes are bytes, durations milliseconds.
 */
export const RECORD_SCHEMA = 1;

/** Names of the sections that can be missing for a reason. */
export const SECTIONS = [
  'backtrace',
  'threads',
  'registers',
  'stack',
  'memory',
  'code',
  'source',
  'openFiles',
  'maps',
  'process',
  'journal',
  'kernel',
] as const;

export type SectionName = (typeof SECTIONS)[number];
