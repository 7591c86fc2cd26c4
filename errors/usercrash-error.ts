import { constants } from 'node:os';

/**
 * Every failure that usercrash itself explains to a person.
 *
 * `code` is stable: it is listed in docs/errors.md, never renamed and never reused, so that scripts and
 * searches keep working. `fix` is the next step to try, in words that can be pasted into a shell where possible.
 */
export class UsercrashError extends Error {
  /** Stable identifier, e.g. `E_FRAME_TOO_LARGE`. */
  readonly code: string;
  /** What to try next, or null where nobody can do anything. */
  readonly fix: string | null;

  constructor(code: string, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.fix = options.fix ?? null;
  }
}

/** Node's words for an errno that libuv has no name for: EDQUOT. */
const NAMELESS = /^(?:UNKNOWN: unknown error|Unknown system error -\d+: Unknown system error -\d+)/;

/**
 * The message of whatever was thrown, for a log line or a report.
 *
 * @param error Anything: libraries also throw strings.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const number = 'errno' in error ? -Number(error.errno) : 0;
  const [name] = Object.entries(constants.errno).find(([, value]) => value === number) ?? [];
  return name === undefined ? error.message : error.message.replace(NAMELESS, name);
}
