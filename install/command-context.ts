import type { Readable, Writable } from 'node:stream';
import type { Paths } from '../config/paths.ts';

/** What every command of crashlogctl gets from the process that it runs in. */
export interface CommandContext {
  env: Readonly<Record<string, string | undefined>>;
  /** Where this machine's, or this test's, files lie. */
  paths: Paths;
  /** Where the built programs lie beside this one: absolute. */
  programs: string;
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  /** Milliseconds since the epoch. */
  now: () => number;
  isRoot: boolean;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  interrupted: AbortSignal;
  /** The exit code where it is not 0 although nothing failed: `is-active` answers with it. The last one counts. */
  exitWith: (code: number) => void;
}

/** A stream that may be a terminal. */
export interface Output extends Writable {
  isTTY?: boolean;
  /** Width of the terminal in characters. */
  columns?: number;
  /** Its height in lines. */
  rows?: number;
}

/** What text for people or a pipe is written to. */
export interface TextTarget {
  isTTY?: boolean;
  write(text: string): unknown;
}
