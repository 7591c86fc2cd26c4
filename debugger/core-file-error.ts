import { UsercrashError } from '../errors/usercrash-error.ts';
import { printable } from '../report/printable-text.ts';

/** A file that was named as a core, an executable or a sysroot, and cannot be used. */
export class CoreFileError extends UsercrashError {
  /** @param path As it was named. */
  constructor(path: string, what: string, options: { fix?: string; cause?: unknown } = {}) {
    super('E_CORE_FILE', `${printable(path)} ${what}`, options);
  }
}
