import type { Paths } from '../../config/paths.ts';
import type { ServerSettings } from '../../config/server-settings.ts';
import type { Collection } from '../collection.ts';
import type { HistorySummary } from '../history-summary.ts';
import type { ServerState } from '../server-state.ts';
import type { StoredRoom } from '../stored-room.ts';
import type { Distribution } from './distribution.ts';
import type { ServiceAdvice } from './service-advice.ts';

/** What a check found. */
export interface Finding {
  /** `warn`: some reports may be missing, or be poorer. `fail`: reports are missing. */
  outcome: 'ok' | 'warn' | 'fail';
  /** What is so, in one line. */
  text: string;
  /** How to mend it: a command to paste, or what to do; null where nothing has to be mended. */
  fix: string | null;
}

/** What checks look at, besides the machine itself. */
export interface Examined {
  paths: Paths;
  settings: ServerSettings;
  configurationProblems: readonly string[];
  collection: Collection;
  server: ServerState;
  room: StoredRoom | null;
  history: HistorySummary | null;
  distribution: Distribution;
  services: ServiceAdvice;
}

/** One known cause of missing reports. */
export interface Check {
  /** A word or two for the column before what was found, and for programs: never renamed. */
  name: string;
  /** May throw: then the finding is that it could not be looked at. */
  look(examined: Examined): Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;
}

export function ok(text: string): Finding {
  return { outcome: 'ok', text, fix: null };
}

export function warn(text: string, fix: string): Finding {
  return { outcome: 'warn', text, fix };
}

export function fail(text: string, fix: string): Finding {
  return { outcome: 'fail', text, fix };
}
