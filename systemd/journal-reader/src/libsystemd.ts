import koffi, { type LibraryHandle } from 'koffi';
import { checkText } from './check-arguments.ts';
import { JournalError } from './journal-error.ts';

/** The name under which every distribution has had it since 2013. */
const DEFAULT_LIBRARY = 'libsystemd.so.0';

/** `sd_id128_t` of systemd/sd-id128.h, which is passed by value. */
export interface Id128 {
  bytes: Uint8Array;
}
const ID128 = koffi.struct({ bytes: koffi.array('uint8_t', 16) });

/**
 * The functions of sd-journal(3) that are used here. A journal is the address of a `sd_journal`; other addresses
 * (`out`, `field`) are those of buffers of ours, see native-memory.ts. All of them return a negative errno on failure.
 */
export interface Libsystemd {
  open(out: number, flags: number): number;
  openDirectory(out: number, path: string, flags: number): number;
  openFiles(out: number, paths: readonly (string | null)[], flags: number): number;
  openNamespace(out: number, name: string | null, flags: number): number;
  close(journal: number): void;
  addMatch(journal: number, data: Buffer, size: number): number;
  addDisjunction(journal: number): number;
  addConjunction(journal: number): number;
  flushMatches(journal: number): void;
  seekHead(journal: number): number;
  seekTail(journal: number): number;
  seekRealtime(journal: number, us: number | bigint): number;
  seekMonotonic(journal: number, bootId: Id128, us: number | bigint): number;
  seekCursor(journal: number, cursor: string): number;
  testCursor(journal: number, cursor: string): number;
  next(journal: number): number;
  previous(journal: number): number;
  nextSkip(journal: number, count: number): number;
  previousSkip(journal: number, count: number): number;
  getRealtime(journal: number, out: number): number;
  getMonotonic(journal: number, out: number, bootIdOut: number): number;
  getCursor(journal: number, out: number): number;
  getData(journal: number, field: number, dataOut: number, lengthOut: number): number;
  restartData(journal: number): void;
  enumerateData(journal: number, dataOut: number, lengthOut: number): number;
  setDataThreshold(journal: number, bytes: number): number;
  queryUnique(journal: number, field: string): number;
  enumerateUnique(journal: number, dataOut: number, lengthOut: number): number;
  restartFields(journal: number): void;
  enumerateFields(journal: number, nameOut: number): number;
  getUsage(journal: number, out: number): number;
  getFd(journal: number): number;
  getTimeout(journal: number, out: number): number;
  process(journal: number): number;
  wait(journal: number, us: number): number;
  hasRuntimeFiles(journal: number): number;
  hasPersistentFiles(journal: number): number;
}

const loaded = new Map<string, Libsystemd>();

/**
 * Loads libsystemd, once for each name.
 *
 * @param library A name that dlopen(3) finds, or a path (as NixOS needs).
 * @throws {JournalError} E_JOURNAL_LIBRARY, E_JOURNAL_OPTIONS for what is no name.
 */
export function libsystemd(library: string = DEFAULT_LIBRARY): Libsystemd {
  const known = loaded.get(checkText('library', library));
  if (known !== undefined) return known;
  let functions: Libsystemd;
  try {
    functions = bind(koffi.load(library));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new JournalError(
      'E_JOURNAL_LIBRARY',
      `${library} cannot be used: ${reason}. libsystemd 246 or newer is needed ` +
        '(package libsystemd0 on Debian and Ubuntu, systemd-libs on Fedora and Arch)',
      { cause },
    );
  }
  loaded.set(library, functions);
  return functions;
}

/**
 * Numbers in place of pointers (`uintptr_t`) wherever speed counts: koffi passes them in a third of the time that a
 * Buffer needs (60 against 170 ns).
 */
function bind(library: LibraryHandle): Libsystemd {
  const call = (name: string, parameters: string, result = 'int') =>
    library.func(`${result} sd_journal_${name}(${parameters})`);
  const onJournal = 'uintptr_t journal';
  return {
    open: call('open', 'uintptr_t out, int flags'),
    openDirectory: call('open_directory', 'uintptr_t out, const char *path, int flags'),
    openFiles: call('open_files', 'uintptr_t out, const char **paths, int flags'),
    openNamespace: call('open_namespace', 'uintptr_t out, const char *name, int flags'),
    close: call('close', onJournal, 'void'),
    addMatch: call('add_match', `${onJournal}, const void *data, size_t size`),
    addDisjunction: call('add_disjunction', onJournal),
    addConjunction: call('add_conjunction', onJournal),
    flushMatches: call('flush_matches', onJournal, 'void'),
    seekHead: call('seek_head', onJournal),
    seekTail: call('seek_tail', onJournal),
    seekRealtime: call('seek_realtime_usec', `${onJournal}, uint64_t us`),
    seekMonotonic: library.func('sd_journal_seek_monotonic_usec', 'int', ['uintptr_t', ID128, 'uint64_t']),
    seekCursor: call('seek_cursor', `${onJournal}, const char *cursor`),
    testCursor: call('test_cursor', `${onJournal}, const char *cursor`),
    next: call('next', onJournal),
    previous: call('previous', onJournal),
    nextSkip: call('next_skip', `${onJournal}, uint64_t count`),
    previousSkip: call('previous_skip', `${onJournal}, uint64_t count`),
    getRealtime: call('get_realtime_usec', `${onJournal}, uintptr_t out`),
    getMonotonic: call('get_monotonic_usec', `${onJournal}, uintptr_t out, uintptr_t boot_id`),
    getCursor: call('get_cursor', `${onJournal}, uintptr_t out`),
    getData: call('get_data', `${onJournal}, uintptr_t field, uintptr_t data, uintptr_t length`),
    restartData: call('restart_data', onJournal, 'void'),
    enumerateData: call('enumerate_available_data', `${onJournal}, uintptr_t data, uintptr_t length`),
    setDataThreshold: call('set_data_threshold', `${onJournal}, size_t bytes`),
    queryUnique: call('query_unique', `${onJournal}, const char *field`),
    enumerateUnique: call('enumerate_available_unique', `${onJournal}, uintptr_t data, uintptr_t length`),
    restartFields: call('restart_fields', onJournal, 'void'),
    enumerateFields: call('enumerate_fields', `${onJournal}, uintptr_t name`),
    getUsage: call('get_usage', `${onJournal}, uintptr_t bytes`),
    getFd: call('get_fd', onJournal),
    getTimeout: call('get_timeout', `${onJournal}, uintptr_t us`),
    process: call('process', onJournal),
    wait: call('wait', `${onJournal}, uint64_t us`),
    hasRuntimeFiles: call('has_runtime_files', onJournal),
    hasPersistentFiles: call('has_persistent_files', onJournal),
  };
}
