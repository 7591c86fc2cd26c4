import { setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { messageOf } from '../../errors/usercrash-error.ts';
import { prlimit } from '../../linux/prlimit.ts';

/** How gdb is started and held in bounds. */
export interface GdbProcessOptions {
  /** The program to start. */
  gdbPath: string;
  /** Descriptors of ours that gdb gets as 3, 4, 5, ... in this order. */
  descriptors: readonly number[];
  /** An empty directory: nothing that lies in it is ever wanted. */
  cwd: string;
  /** Who it runs as; null for ourselves. Then it must be able to read every descriptor anew (/proc/self/fd). */
  runAs: { uid: number; gid: number } | null;
  /** Bytes that it may allocate. */
  memoryBytes: number;
  /** Seconds of processor time, all threads together. */
  cpuSeconds: number;
}

/** A running gdb. */
export interface GdbProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** In words, once it has ended and was waited for; never rejects. */
  ended: Promise<string>;
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

/** Nothing of our environment, and nothing that lets gdb or its Python find files that are not the system's. */
const ENVIRONMENT = {
  LC_ALL: 'C.UTF-8',
  HOME: '/nonexistent',
  TERM: 'dumb',
  PYTHONNOUSERSITE: '1',
  PYTHONSAFEPATH: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

/**
 * Starts gdb with its machine interface, without any initialization file, in a process group of its own, with the
 * lowest priority. It reads commands from stdin; nothing of it remains once `ended` is fulfilled after a `kill`.
 * Where it cannot be started, `ended` says so.
 */
export function startGdbProcess(options: GdbProcessOptions): GdbProcess {
  const subprocess = execa(options.gdbPath, ['-nx', '--interpreter=mi3'], {
    stdio: ['pipe', 'pipe', 'pipe', ...options.descriptors.map(inherited)],
    encoding: 'buffer',
    buffer: false,
    reject: false,
    env: ENVIRONMENT,
    extendEnv: false,
    cwd: options.cwd,
    detached: true,
    cleanup: false,
    ...(options.runAs === null ? {} : options.runAs),
  });
  const { pid, nodeChildProcess } = subprocess;
  let hasEnded = false;
  const signal = (name: NodeJS.Signals, target: number) => {
    try {
      process.kill(target, name);
    } catch {
      // It was faster: there is nobody left to tell.
    }
  };
  const kill = () => {
    if (pid !== undefined) signal('SIGKILL', -pid);
    for (const stream of [subprocess.stdin, subprocess.stdout, subprocess.stderr]) stream.destroy();
    // One that waits in the kernel for a file system cannot be killed, and must not keep us from ending.
    nodeChildProcess.unref();
  };
  const ended = new Promise<string>((resolve) => {
    const end = (reason: string) => {
      hasEnded = true;
      resolve(reason);
    };
    // Not execa's own promise: that also waits for the pipes, which a child that gdb left behind may hold.
    nodeChildProcess.once('exit', (code, name) => {
      end(name === null ? `gdb ended with exit code ${code}` : `gdb was killed by ${name}`);
    });
    subprocess.then(
      ({ code, originalMessage }) => {
        end(code === 'ENOENT' ? 'gdb is not installed' : `gdb could not be started: ${originalMessage}`);
      },
      (error: unknown) => end(`gdb could not be started: ${messageOf(error)}`),
    );
  });
  if (pid !== undefined) limit(pid, options);
  return {
    stdin: subprocess.stdin,
    stdout: subprocess.stdout,
    stderr: subprocess.stderr,
    ended,
    interrupt: () => {
      if (pid !== undefined && !hasEnded) signal('SIGINT', pid);
    },
    kill,
  };
}

/** execa hands any number on to spawn as it is; only its types stop at 9. */
const inherited = (descriptor: number) => descriptor as 9;

/** Sets every limit; one that cannot be set (the process is gone already, or another user's) leaves the deadlines. */
function limit(pid: number, options: GdbProcessOptions): void {
  const steps = [
    () => prlimit(pid, 'data', BigInt(options.memoryBytes)),
    () => prlimit(pid, 'as', BigInt(options.memoryBytes + MAPPED_BYTES)),
    () => prlimit(pid, 'cpu', BigInt(options.cpuSeconds)),
    () => prlimit(pid, 'core', NO_CORE),
    () => prlimit(pid, 'nofile', OPEN_FILES),
    () => setPriority(pid, 19),
  ];
  for (const step of steps) {
    try {
      step();
    } catch {
      // See above: each limit stands alone, and the report is worth more than any of them.
    }
  }
}
