import { argumentError, shown } from './argument-error.ts';
import { checkFlag, checkText } from './check-arguments.ts';
import { checkDirectory } from './check-directory.ts';
import { failedCall, JournalError } from './journal-error.ts';
import type { Libsystemd } from './libsystemd.ts';
import { clearResult, result, resultAddress } from './native-memory.ts';

/** SD_JOURNAL_* of systemd/sd-journal.h */
const LOCAL_ONLY = 1;
const RUNTIME_ONLY = 2;
const SYSTEM = 4;
const CURRENT_USER = 8;
const ALL_NAMESPACES = 32;
const INCLUDE_DEFAULT_NAMESPACE = 64;

/** Which journal to open, and how much of it to copy at once. At most one of directory, files and namespace. */
export interface OpenOptions {
  /** All journal files in this directory (and its machine-id subdirectories) instead of the machine's own. */
  directory?: string;
  /** Just these journal files. */
  files?: readonly string[];
  /** A journal namespace (LogNamespace= of a unit), `*` for all of them, `+name` for it and the default one. */
  namespace?: string;
  /** Only what lies in memory, /run/log/journal. Default: no. */
  runtimeOnly?: boolean;
  /** Entries of other machines too, where /var/log/journal has them. Default: no; directory and files have them anyway. */
  allMachines?: boolean;
  /** Only those of system services and the kernel, or only those of the current user. Default: all we may read. */
  only?: 'system' | 'current-user';
  /** The most to copy of one value, in bytes. Default 16 MiB. */
  maxFieldBytes?: number;
  /** The most to copy of one entry, in bytes. Default 64 MiB. */
  maxEntryBytes?: number;
  /** libsystemd's name or path. Default `libsystemd.so.0`. */
  library?: string;
}

/**
 * Opens a journal.
 *
 * @returns The address of its `sd_journal`; the caller closes it.
 * @throws {JournalError} E_JOURNAL_OPTIONS, E_JOURNAL_NOT_FOUND, E_JOURNAL_ACCESS, E_JOURNAL_CORRUPT.
 */
export function openJournal(lib: Libsystemd, options: OpenOptions): number {
  const { directory, files, namespace, only } = options;
  checkFlag('runtimeOnly', options.runtimeOnly);
  checkFlag('allMachines', options.allMachines);
  if (only !== undefined && only !== 'system' && only !== 'current-user')
    throw argumentError('only', only, "'system' or 'current-user'");
  const places = [directory, files, namespace].filter((place) => place !== undefined).length;
  if (places > 1) throw optionsError('give one of directory, files and namespace, not several');
  const out = resultAddress(0);
  clearResult(0);
  if (options.runtimeOnly === true && (directory !== undefined || files !== undefined))
    throw optionsError("runtimeOnly means the machine's own journal, not a directory or files");
  if (only !== undefined && files !== undefined)
    throw optionsError("only means the machine's own journal or a directory, not files");
  if (directory !== undefined) {
    checkDirectory(checkText('directory', directory));
    demand('sd_journal_open_directory', lib.openDirectory(out, directory, whose(options)), directory);
  } else if (files !== undefined) {
    if (!Array.isArray(files) || files.length === 0)
      throw argumentError('files', files, 'an array of at least one path');
    const paths = [...files.map((path) => checkText('a path in files', path)), null];
    demand('sd_journal_open_files', lib.openFiles(out, paths, 0), files.join(' '));
  } else if (namespace !== undefined) {
    const { name, flags } = namespaceOf(namespace);
    const all = flags | machineFlags(options);
    demand('sd_journal_open_namespace', lib.openNamespace(out, name, all), namespace);
  } else {
    demand('sd_journal_open', lib.open(out, machineFlags(options)), '');
  }
  return result(0);
}

function machineFlags(options: OpenOptions): number {
  let flags = options.allMachines === true ? 0 : LOCAL_ONLY;
  if (options.runtimeOnly === true) flags |= RUNTIME_ONLY;
  return flags | whose(options);
}

function whose({ only }: OpenOptions): number {
  return only === undefined ? 0 : only === 'system' ? SYSTEM : CURRENT_USER;
}

function namespaceOf(namespace: string): { name: string | null; flags: number } {
  if (typeof namespace !== 'string') throw argumentError('namespace', namespace, 'a name');
  if (namespace === '*') return { name: null, flags: ALL_NAMESPACES };
  const withDefault = namespace.startsWith('+');
  const name = withDefault ? namespace.slice(1) : namespace;
  if (!/^[A-Za-z0-9_.:@-]{1,240}$/.test(name))
    throw optionsError(`namespace ${shown(namespace)} cannot exist`);
  return { name, flags: withDefault ? INCLUDE_DEFAULT_NAMESPACE : 0 };
}

function demand(call: string, status: number, subject: string): void {
  if (status < 0) throw failedCall(call, status, subject);
}

function optionsError(message: string): JournalError {
  return new JournalError('E_JOURNAL_OPTIONS', `Journal.open: ${message}`);
}
