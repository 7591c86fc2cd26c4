import type { Readable, Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { DEFAULT_GDB_LIMITS } from '../analysis/run-gdb.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { setNonDumpable } from '../linux/prctl.ts';
import { printable } from '../report/printable-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { renderJson } from '../report/render-json.ts';
import { renderText } from '../report/render-text.ts';
import { selectSections } from '../report/select-sections.ts';
import { debuggerCommand } from './command.ts';
import { coreRecord } from './core-record.ts';
import { liveRecord } from './live-record.ts';

/** What a program gets from the process that it runs in. */
export interface DebuggerProcess {
  env: Readonly<Record<string, string | undefined>>;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Its own pid, and whether it is root. */
  pid: number;
  isRoot: boolean;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  interrupted: AbortSignal;
}

/** Exit codes of every program: style of the project. */
const DONE = 0;
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;

interface Flags {
  core?: string;
  exe?: string;
  sysroot?: string;
  json?: true;
  sections?: string[];
}

/**
 * debugger: the sections of a report for a live process or a core, on stdout; everything else goes to stderr.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 usage, 130 interrupted. After anything but 0 threads may be blocked in system
 *   calls: the caller ends by exitNow().
 */
export async function main(args: readonly string[], process_: DebuggerProcess): Promise<number> {
  let exitCode = DONE;
  const command = debuggerCommand()
    .configureOutput({
      writeOut: (text) => void process_.stdout.write(text),
      writeErr: (text) => void process_.stderr.write(text),
    })
    .exitOverride()
    .action(async (pid: number | undefined, flags: Flags) => {
      const wrong = wrongUsage(pid, flags);
      if (wrong !== null) command.error(`error: ${wrong}`);
      exitCode = await run(pid ?? null, flags, process_);
    });
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : USAGE;
    throw error;
  }
  return exitCode;
}

function wrongUsage(pid: number | undefined, { core, exe, sysroot }: Flags): string | null {
  if (pid === undefined && core === undefined) return 'a process id, or --core FILE; see --help';
  if (pid !== undefined && core !== undefined) return 'a process id and --core exclude each other';
  if (core === undefined && (exe !== undefined || sysroot !== undefined))
    return '--exe and --sysroot belong to --core';
  if ([core, exe, sysroot].includes('')) return '--core, --exe and --sysroot want a path, and one is empty';
  return null;
}

async function run(pid: number | null, flags: Flags, process_: DebuggerProcess): Promise<number> {
  const { env, interrupted, now, stdout, stderr } = process_;
  const say = (text: string) => void stderr.write(`debugger: ${text}\n`);
  const sections = flags.sections ?? null;
  const analysis = { gdb: DEFAULT_GDB_LIMITS, sections, interrupted, now, startedMs: now() };
  try {
    setNonDumpable(); // This process holds the memory of others.
    const record =
      pid === null
        ? await coreRecord(
            { core: flags.core ?? '', executable: flags.exe ?? null, sysroot: flags.sysroot ?? '/' },
            { temporary: env['TMPDIR'] ?? '/var/tmp', analysis, warn: say },
          )
        : await liveRecord(pid, {
            self: process_.pid,
            isRoot: process_.isRoot,
            analysis,
          });
    await write(stdout, rendered(record, flags));
    return DONE;
  } catch (error) {
    if (interrupted.aborted) return INTERRUPTED;
    const fix = error instanceof UsercrashError && error.fix !== null ? `. Try: ${error.fix}` : '';
    say(printable(messageOf(error) + fix));
    return FAILED;
  }
}

function rendered(record: CrashRecord, { json, sections }: Flags): string {
  if (!json) return renderText(record, sections);
  return renderJson(sections === undefined ? record : selectSections(record, sections));
}

/** Resolves when all is written, or nobody reads any more: `debugger 1 | head` is no failure. */
function write(stdout: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.once('error', (error) => ('code' in error && error.code === 'EPIPE' ? resolve() : reject(error)));
    stdout.write(text, (error) => {
      if (error == null) resolve(); // Else the event tells.
    });
  });
}
