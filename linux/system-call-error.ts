import { constants } from 'node:os';
import { UsercrashError } from '../errors/usercrash-error.ts';

const NAMES = new Map<number, string>();
for (const [name, value] of Object.entries(constants.errno)) if (!NAMES.has(value)) NAMES.set(value, name);

/** `ENOENT` for 2, `errno 4095` for a number without a name. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** A failed system call: which one, on what, and why. Its `code` is the errno's name, as in Node's own errors. */
export class SystemCallError extends UsercrashError {
  readonly errno: number;
  readonly syscall: string;
  readonly subject: string;

  constructor(syscall: string, errno: number, subject: string) {
    super(errnoName(errno), `${syscall} ${subject}: ${errnoName(errno)}`);
    this.errno = errno;
    this.syscall = syscall;
    this.subject = subject;
  }
}

/** Whether `error` is a failure, of ours or of Node's, with one of these errno names. */
export function hasErrno(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && 'code' in error && names.some((name) => error.code === name);
}
