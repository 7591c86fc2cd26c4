/**
 * Who may read a report of a crash, besides root, and so what it holds:
 *
 * - `root`: nobody. The process was not dumpable; what its memory tells is left out.
 * - `group`: the group of reports.
 * - `owner`: the group, and the user of the process; what that user may not read elsewhere is left out.
 */
export type Readers = 'root' | 'group' | 'owner';
