/** What a user namespace shows of an id that it has no name for: overflowuid, proc_sys_kernel(5). */
const OVERFLOW_ID = 65_534;
/** user_namespaces(7) */
const MAX_LINES = 340;

/**
 * What an id outside of a user namespace is inside, by /proc/PID/uid_map or gid_map (user_namespaces(7)): lines
 * `first-inside first-outside count`.
 *
 * @returns 65534, as the process itself saw it, where it is none of its own.
 */
export function idInside(map: Buffer, outside: number): number {
  for (const line of map.toString('latin1').split('\n', MAX_LINES)) {
    const [inside, first, count] =
      /^ *(\d{1,10}) +(\d{1,10}) +(\d{1,10})$/.exec(line)?.slice(1).map(Number) ?? [];
    if (inside === undefined || first === undefined || count === undefined) continue;
    if (outside >= first && outside < first + count) return inside + outside - first;
  }
  return OVERFLOW_ID;
}
