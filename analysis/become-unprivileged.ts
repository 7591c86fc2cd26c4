import { giveUpRoot } from '../linux/give-up-root.ts';
import { cageUser } from './cage/cage-user.ts';
import { readBeginning } from './read-beginning.ts';

/** Who may read the journal, the first that the machine has: systemd-journald.service(8), "Access control". */
const JOURNAL_GROUPS = ['systemd-journal', 'adm'];
const MAX_BYTES = 1024 * 1024;

/**
 * Makes this process the user that looks at dead processes, for good (analysis/cage/cage-user.ts). What is open stays open; of what is
 * opened from here on it may read what everybody may, and the journal.
 *
 * @throws Node's error where the kernel does not let us.
 */
export function becomeUnprivileged(): void {
  // V8's compiled code is kept in a directory of root's: what is compiled from here on is lost with this process.
  if (process.geteuid?.() !== 0) return;
  process.getBuiltinModule('node:module').flushCompileCache();
  giveUpRoot({ ...cageUser(), groups: journalGroups() });
}

function journalGroups(): number[] {
  const groups = readBeginning('/etc/group', MAX_BYTES)?.toString('utf8') ?? '';
  for (const name of JOURNAL_GROUPS) {
    const id = new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(groups)?.[1];
    if (id !== undefined) return [Number(id)];
  }
  return [];
}
