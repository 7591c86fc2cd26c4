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
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (names.some((name) => error.code === name)) return true;
  // libuv has no name for EDQUOT: then Node's error has only the number.
  const name = 'errno' in error && Number(error.errno) < 0 ? NAMES.get(-Number(error.errno)) : undefined;
  return name !== undefined && names.includes(name);
}
