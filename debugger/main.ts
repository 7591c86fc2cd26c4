import type { Readable, Writable } from 'node:stream';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { DEFAULT_GDB_LIMITS } from '../analysis/run-gdb.ts';
import { VERSION } from '../config/version.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { setNonDumpable } from '../linux/prctl.ts';
import { printable } from '../report/printable-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { renderJson } from '../report/render-json.ts';
import { renderText, TEXT_SECTION_NAMES } from '../report/render-text.ts';
import { selectSections } from '../report/select-sections.ts';
import { coreRecord } from './core-record.ts';
import { MAX_PID } from './find-target.ts';
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

const HELP = `
Sections: ${TEXT_SECTION_NAMES.join(', ')}.

Examples:
  sudo debugger 4242                                what a process is doing; it goes on unharmed
  sudo debugger 4242 --sections threads,openFiles   some of it, in a moment
  debugger --core core.zst --json | jq .signature   the same of a core, also packed by zstd, xz, lz4 or gzip

Environment: TMPDIR, where packed cores are unpacked to (default /var/tmp).`;

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
  const command = new Command('debugger')
    .usage('[options] <pid>\n       debugger [options] --core <file>')
    .description('Shows what a process is doing, or what a core holds.')
    .version(VERSION)
    .argument('[pid]', 'the process, or one of its threads', processId)
    .option('--core <file>', 'a core instead of a process, also a packed one')
    .option('--exe <file>', 'the executable of the core')
    .option('--sysroot <directory>', "the file tree of the core's machine (default: /)")
    .option('--json', 'one JSON object, as docs/record.schema.json describes it')
    .option('--sections <names>', 'only these, separated by commas', sectionNames)
    .addHelpText('after', HELP)
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

/** One that no process can have is a process that is not there, no wrong usage. */
function processId(text: string): number {
  if (!/^\d+$/.test(text))
    throw new InvalidArgumentError(`A process id is a number from 1 to ${MAX_PID}; pidof NAME tells it.`);
  return Number(text);
}

function sectionNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TEXT_SECTION_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `There is no section '${printable(unknown)}'; there are ${TEXT_SECTION_NAMES.join(', ')}.`,
    );
  }
  return names;
}
