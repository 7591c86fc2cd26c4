import { cxxPrinters } from './cxx-printers.ts';
import type { GdbReply, GdbSession } from './gdb-session.ts';
import { numberIn, textIn, tuplesIn } from './parse-mi.ts';
import { SAFE_SETTINGS } from './safe-settings.ts';
import { indexCacheSettings } from './symbol-indexes.ts';

/** What {@link openCore} opens; descriptors are gdb's own numbers. */
export interface CoreFiles {
  core: number;
  executable: number | null;
  /** Directory for absolute library names; relative ones are looked for where gdb runs. */
  sysroot: string;
  /** Holds debug files besides those of this machine; null where there are none. */
  debugDirectory: string | null;
  /** Whether values may be of C++: costs the time in which gdb's Python reads libstdc++'s printers. */
  wantsCxxPrinters: boolean;
  /** Directory of indexes that were made before (symbol-indexes.ts). */
  symbolIndexes: number | null;
}

/** What is known after opening. */
export interface OpenedCore {
  /** Kernel thread id -> gdb's own number for it. */
  threads: Map<number, number>;
  /** In words for the report. */
  notes: string[];
}

/** What is set before anything of the crashed program is opened. */
const SETTINGS = [
  'confirm off',
  'pagination off',
  'width 0',
  'height 0',
  ...SAFE_SETTINGS,
  'python print-stack none',
  // A value is for a person to read; 200 elements of each array are gdb's own default.
  'print elements 200',
  'print repeats 10',
  'print frame-arguments all',
  'max-value-size 65536',
  'max-completions 0',
  'disassembly-flavor att',
  'listsize 11',
  // Past main lies the C library's start code, as gdb's own default has it.
  'backtrace past-main off',
];

/**
 * A fault of gdb's own costs the command that found it, not gdb: gdb 13 has one for enums of Rust that have been optimised
 * away, and every panic of Rust's has such an argument.
 */
const MAINTENANCE = [
  'maintenance set internal-error quit no',
  'maintenance set internal-error corefile no',
  'maintenance set internal-error backtrace off',
];

/** Where the distributions have debug files. */
const DEBUG_DIRECTORY = '/usr/lib/debug';

/**
 * Sets gdb up, gives it the files and the core, and asks for the threads: one round trip for all of it.
 *
 * @returns What was opened; a reason where the core could not be.
 */
export async function openCore(
  gdb: GdbSession,
  files: CoreFiles,
): Promise<{ ok: true; core: OpenedCore } | { ok: false; reason: string }> {
  const notes: string[] = [];
  // A gdb without one of them (no debuginfod, no Python) has nothing to switch off.
  for (const setting of SETTINGS) void gdb.send(`-gdb-set ${setting}`);
  const indexes =
    files.symbolIndexes === null ? [] : indexCacheSettings(`/proc/self/fd/${files.symbolIndexes}`);
  for (const setting of indexes) void gdb.send(`-gdb-set ${setting}`);
  for (const command of MAINTENANCE) void gdb.sendConsole(command);
  const debugDirectories = [DEBUG_DIRECTORY, files.debugDirectory].filter((path) => path !== null);
  void gdb.send(`-gdb-set debug-file-directory ${debugDirectories.join(':')}`);
  void gdb.send(`-gdb-set sysroot ${files.sysroot}`);
  const executable =
    files.executable === null ? null : gdb.send(`-file-exec-and-symbols /proc/self/fd/${files.executable}`);
  const core = gdb.send(`-target-select core /proc/self/fd/${files.core}`);
  const printers = files.wantsCxxPrinters ? cxxPrinters() : null;
  if (printers !== null) void gdb.sendConsole(printers);
  const threads = gdb.send('-thread-info');
  const opened = await executable;
  if (opened !== null && !opened.ok) notes.push(`The executable could not be opened: ${opened.reason}`);
  const connected = await core;
  if (!connected.ok) return connected;
  return { ok: true, core: { threads: threadsIn(await threads), notes } };
}

/** Gives gdb another core of the same process. @returns The threads; null where it did not take it. */
export async function selectCore(gdb: GdbSession, core: number): Promise<Map<number, number> | null> {
  const connected = gdb.send(`-target-select core /proc/self/fd/${core}`);
  const threads = gdb.send('-thread-info');
  return (await connected).ok ? threadsIn(await threads) : null;
}

/** `Thread 0x7f4a7b1a1740 (LWP 16947)`, or `LWP 16947` without libthread_db. */
function threadsIn(reply: GdbReply): Map<number, number> {
  const threads = new Map<number, number>();
  if (!reply.ok) return threads;
  for (const thread of tuplesIn(reply.results, 'threads')) {
    const id = numberIn(thread, 'id');
    const tid = /\bLWP (\d{1,10})\b/.exec(textIn(thread, 'target-id') ?? '')?.[1];
    if (id !== null && tid !== undefined) threads.set(Number(tid), id);
  }
  return threads;
}
