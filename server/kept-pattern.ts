/**
 * What stays in force of the core_pattern before us; null where that is not wanted, or is another collector's socket, which nobody feeds.
 */
export function keptPattern(before: string, keepsHandler: boolean): string | null {
  return keepsHandler && !before.startsWith('@') ? before : null;
}
