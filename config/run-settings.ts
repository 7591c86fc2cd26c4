import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRoot } from '../linux/as-root.ts';

/**
 * What a client must know without asking the server: the kernel starts it with nothing but the run directory's name.
 * The server writes the file at its start; it stays when the server is gone, so that crashes are kept all the same.
 */
export interface RunSettings {
  logDir: string;
  /** Largest small core, in bytes, as gdb reads it. */
  coreBudgetBytes: number;
  /** The gdb to run: a path, or a name to look up in {@link PROGRAM_PATH}. */
  gdb: string;
  /** Numeric group of published files, or null for root's. */
  reportGroup: number | null;
  /** Whether the user of a process may read its reports. */
  ownerAccess: boolean;
  /** Patterns of programs whose crashes are only counted: excluded-by.ts. */
  excluded: readonly string[];
  /** What a client that keeps a crash without the server leaves free on the file system, in bytes. */
  keepFreeBytes: number;
  /** The core_pattern that starts a client for every crash; null where core_pattern is not the server's business. */
  pipePattern: string | null;
  /** What core_pattern is to be while a resident client answers and somebody else than the server sees to it: direct-crashes.ts. */
  socketPattern: string | null;
  /** What core_pattern held before, and is to get its crashes all the same; null for nothing. */
  defaultPattern: string | null;
}

/** Where programs are looked up: a client's own environment is empty. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const DEFAULT_RUN_SETTINGS: RunSettings = {
  logDir: '/var/log/usercrashes',
  coreBudgetBytes: 8 * 1024 * 1024,
  gdb: 'gdb',
  reportGroup: null,
  ownerAccess: false,
  excluded: [],
  keepFreeBytes: 0,
  pipePattern: null,
  socketPattern: null,
  defaultPattern: null,
};

const FILE = 'settings.json';

/** Writes the settings, whole or not at all. */
export function writeRunSettings(runDir: string, settings: RunSettings): void {
  const temporary = join(runDir, `.${FILE}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  renameSync(temporary, join(runDir, FILE));
}

/** What was read last, and from which file: a client that lives on asks several times with every crash. */
let last: { version: string; settings: Readonly<RunSettings> } | null = null;

/**
 * Reads the settings, where they are not those that were read last. A crash must be collected whatever is wrong with them: what is
 * missing or of the wrong type is the default.
 */
export function readRunSettings(runDir: string): Readonly<RunSettings> {
  const path = join(runDir, FILE);
  const version = versionOf(path);
  if (last === null || last.version !== version) last = { version, settings: readSettings(path) };
  return last.settings;
}

/** Every server writes a file of its own. */
function versionOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = asRoot(() => statSync(path));
    return `${ino} ${mtimeMs} ${size} ${path}`;
  } catch {
    return path; // No server has ever run with this directory, or it is not ours to read.
  }
}

function readSettings(path: string): RunSettings {
  let read: Partial<Record<keyof RunSettings, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(asRoot(() => readFileSync(path, 'utf8')));
    if (typeof parsed === 'object' && parsed !== null) read = parsed;
  } catch {
    // No server has ever run with this directory, or the file is damaged: the defaults hold.
  }
  const {
    logDir,
    coreBudgetBytes,
    gdb,
    reportGroup,
    ownerAccess,
    excluded,
    keepFreeBytes,
    pipePattern,
    socketPattern,
    defaultPattern,
  } = read;
  return {
    logDir: typeof logDir === 'string' && logDir.startsWith('/') ? logDir : DEFAULT_RUN_SETTINGS.logDir,
    coreBudgetBytes:
      typeof coreBudgetBytes === 'number' && coreBudgetBytes > 0
        ? coreBudgetBytes
        : DEFAULT_RUN_SETTINGS.coreBudgetBytes,
    gdb: typeof gdb === 'string' && gdb !== '' ? gdb : DEFAULT_RUN_SETTINGS.gdb,
    reportGroup: typeof reportGroup === 'number' ? reportGroup : DEFAULT_RUN_SETTINGS.reportGroup,
    ownerAccess: ownerAccess === true,
    excluded: Array.isArray(excluded) ? excluded.filter((pattern) => typeof pattern === 'string') : [],
    keepFreeBytes:
      typeof keepFreeBytes === 'number' && keepFreeBytes >= 0
        ? keepFreeBytes
        : DEFAULT_RUN_SETTINGS.keepFreeBytes,
    pipePattern: typeof pipePattern === 'string' ? pipePattern : DEFAULT_RUN_SETTINGS.pipePattern,
    socketPattern: typeof socketPattern === 'string' ? socketPattern : DEFAULT_RUN_SETTINGS.socketPattern,
    defaultPattern: typeof defaultPattern === 'string' ? defaultPattern : DEFAULT_RUN_SETTINGS.defaultPattern,
  };
}
