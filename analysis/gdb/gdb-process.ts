import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../../errors/usercrash-error.ts';
import { getrlimit, type Resource } from '../../linux/setrlimit.ts';
import { type CagedProgram, type CageLink, type CageWalls, cageSteps } from '../cage/cage-steps.ts';
import type { CageUser } from '../cage/cage-user.ts';
import { findProgram } from '../cage/find-program.ts';
import { missingParts } from '../cage/missing-parts.ts';
import type { PreparedCage } from '../cage/prepared-cage.ts';
import { type Caged, startCaged } from '../cage/start-caged.ts';
import { SAFE_PYTHON } from './safe-settings.ts';

/** How gdb is held in bounds. */
export interface GdbWallsOptions {
  /** The program to start: a path, or a name to look up. */
  gdbPath: string;
  /** An empty directory: nothing that lies in it is ever wanted. One of `seen`, or below one. */
  cwd: string;
  /** An empty directory for the mount of its root. */
  root: string;
  /** What it sees besides the distribution's files and its own program. */
  seen: readonly string[];
  /** See CageOptions; none by default. */
  links?: readonly CageLink[];
  /** Who it runs as; null for ourselves. It must be able to read every descriptor anew (/proc/self/fd). */
  user: CageUser | null;
  /** Bytes that it may allocate. */
  memoryBytes: number;
  /** Seconds of processor time, all threads together. */
  cpuSeconds: number;
}

/** How gdb is started. */
export interface GdbProcessOptions extends GdbWallsOptions {
  /** Descriptors of ours that gdb gets as 5, 6, 7, ... in this order. */
  descriptors: readonly number[];
  /** A cage whose walls were made for the same options; it is used up. */
  prepared?: PreparedCage | null;
}

/** A running gdb. */
export interface GdbProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** In words, once it has ended and was waited for; never rejects. */
  ended: Promise<string>;
  /** What its cage lacks, in words; whole once it has said its first word. */
  missingParts(): string[];
  /** Interrupts the command that it is at. */
  interrupt(): void;
  /** SIGKILL to it and everything that it started. It may still take for ever to end: a file system does not answer. */
  kill(): void;
}

/**
 * Address space on top of `memoryBytes`: files are mapped, which costs no memory, and a browser's debug information
 * alone is 4 GB.
 */
const MAPPED_BYTES = 16 * 1024 ** 3;
/** bfd keeps an eighth of it open and reopens the rest by path, where something else may lie: enough for 1,000 files. */
const OPEN_FILES = 8192n;
/** The only value for which the kernel never starts a core_pattern handler: fs/coredump.c, the guard against loops. */
const NO_CORE = 1n;
/** Processes and threads of the cage's user, of all cages together; a gdb has a thread a processor. */
const PROCESSES = 1024n;

/** Nothing of our environment, and nothing that lets gdb or its Python find files that are not the system's. */
const ENVIRONMENT = {
  LC_ALL: 'C.UTF-8',
  HOME: '/nonexistent',
  TERM: 'dumb',
  ...SAFE_PYTHON,
};

/**
 * Starts gdb in a cage (analysis/cage/) with its machine interface, without any initialization file, in a process group of its
 * own, with the lowest priority. It reads commands from stdin; nothing of it remains once `ended` is fulfilled after a `kill`.
 *
 * @throws {Error} Where it cannot be started, in words.
 */
export function startGdbProcess(options: GdbProcessOptions): GdbProcess {
  const walls = gdbWalls(options);
  const program = findProgram(options.gdbPath);
  if (walls === null || program === null) throw new Error('gdb is not installed');
  const args = ['-nx', '--interpreter=mi3'];
  // A wrapper around gdb, as some distributions have it, starts programs; gdb itself has no reason to.
  const caging: CagedProgram = { program, args, env: ENVIRONMENT, mayFork: isScript(program) };
  const { descriptors, prepared = null } = options;
  const caged =
    prepared === null
      ? startCaged(cageSteps({ ...walls, ...caging }), { descriptors, argv: [program, ...args] })
      : prepared.start(caging, descriptors);
  const { child } = caged;
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('gdb could not be started');
  let hasEnded = false;
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, name);
    } catch {
      // It was faster: there is nobody left to tell.
    }
  };
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, name) => {
      hasEnded = true;
      resolve(endOf(caged, code, name));
    });
    child.once('error', (error) => {
      hasEnded = true;
      resolve(`gdb could not be started: ${messageOf(error)}`);
    });
  });
  return {
    ...{ stdin, stdout, stderr, ended },
    missingParts: () => missingParts(caged.failed()),
    interrupt: () => signal('SIGINT'),
    kill: () => {
      signal('SIGKILL');
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
      // One that waits in the kernel for a file system cannot be killed, and must not keep us from ending.
      child.unref();
    },
  };
}

/** What is around it. @returns Null where it is not installed. */
export function gdbWalls(options: GdbWallsOptions): CageWalls | null {
  const program = findProgram(options.gdbPath);
  if (program === null) return null;
  const { user, root, cwd, seen, links = [] } = options;
  return { cwd, user, root, seen: [installationOf(program), ...seen], links, limits: limitsOf(options) };
}

function endOf(caged: Caged, code: number | null, signal: string | null): string {
  const failure = caged.failure();
  if (failure !== null) return `gdb could not be started: ${failure}`;
  return signal === null ? `gdb ended with exit code ${code}` : `gdb was killed by ${signal}`;
}

/** What belongs to a gdb that the distribution did not bring: all of /opt/gdb for /opt/gdb/bin/gdb. */
function installationOf(program: string): string {
  const directory = dirname(program);
  return basename(directory) === 'bin' && dirname(directory) !== '/' ? dirname(directory) : directory;
}

/** execve(2), "Interpreter scripts". */
function isScript(program: string): boolean {
  const file = openSync(program, 'r');
  try {
    const magic = Buffer.alloc(2);
    readSync(file, magic);
    return magic.toString('latin1') === '#!';
  } finally {
    closeSync(file);
  }
}

function limitsOf({ memoryBytes, cpuSeconds }: GdbWallsOptions): [Resource, bigint][] {
  const { hard } = getrlimit('nofile');
  return [
    ['data', BigInt(memoryBytes)],
    ['as', BigInt(memoryBytes + MAPPED_BYTES)],
    ['cpu', BigInt(cpuSeconds)],
    ['core', NO_CORE],
    ['fsize', 0n],
    ['nproc', PROCESSES],
    ['nofile', hard < OPEN_FILES ? hard : OPEN_FILES],
  ];
}
