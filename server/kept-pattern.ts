/** What systemd writes at boot for `no dumps yet` (src/core/main.c, disable_coredumps()), and leaves where nobody has another. */
const NOBODY = '|/bin/false';

/**
 * What stays in force of the core_pattern before us; null where that is not wanted, is nobody, or is another collector's socket, which
 * nobody feeds.
 */
export function keptPattern(before: string, keepsHandler: boolean): string | null {
  return keepsHandler && !before.startsWith('@') && before !== NOBODY ? before : null;
}
