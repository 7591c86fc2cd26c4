/** What begins a pattern of units; any other is one of paths. */
const UNIT = 'unit:';
/** What the kernel appends to the path of a file that is gone: proc_pid_exe(5). */
const DELETED = Buffer.from(' (deleted)');

/** Whether a text can be a pattern: a path's begins with `/` or `*`, a unit's with `unit:`. */
export function isExclusion(text: string): boolean {
  return /^(?:[/*]|unit:.)/.test(text);
}

/**
 * Which of the patterns a program matches. `*` stands for any bytes, also slashes, `?` for one; all else for itself.
 *
 * @param program `executable`: what proc_pid_exe(5) has, a path of the process's own mount namespace; `units`: the system's and the
 *   user's own that it belongs to, as its cgroup names them. Bytes, any.
 * @returns The first that does, or null.
 */
export function excludedBy(
  patterns: readonly string[],
  program: { executable: Uint8Array; units: readonly Uint8Array[] },
): string | null {
  const path = program.executable;
  const isDeleted = Buffer.from(path.subarray(-DELETED.length)).equals(DELETED);
  const executable = isDeleted ? path.subarray(0, -DELETED.length) : path;
  const matching = patterns.find((pattern) => {
    if (!pattern.startsWith(UNIT)) return matches(Buffer.from(pattern), executable);
    const wanted = Buffer.from(pattern.slice(UNIT.length));
    return program.units.some((unit) => matches(wanted, unit));
  });
  return matching ?? null;
}

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;

/** Goes back to the last star only: a path that a stranger has chosen costs its length times the pattern's at most. */
function matches(pattern: Uint8Array, bytes: Uint8Array): boolean {
  let at = 0;
  let star = -1;
  let starred = 0;
  for (let index = 0; index < bytes.length; ) {
    if (pattern[at] === STAR) {
      star = at;
      starred = index;
      at += 1;
    } else if (pattern[at] === QUESTION_MARK || pattern[at] === bytes[index]) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      starred += 1;
      at = star + 1;
      index = starred;
    } else return false;
  }
  while (pattern[at] === STAR) at += 1;
  return at === pattern.length;
}
