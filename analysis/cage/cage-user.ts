import { readBeginning } from '../read-beginning.ts';

/** A user as the kernel knows one. */
export interface CageUser {
  uid: number;
  gid: number;
}

const NAME = 'usercrash';
/** Far more than any machine has local users. */
const MAX_BYTES = 1024 * 1024;
/**
 * Where there is no such user: Debian keeps 65000 to 65533 for itself and gives them to nobody (policy 9.2.2), systemd does not
 * use 65520 to 65533 (UIDS-GIDS.md), and a container's 65536 ids have them, too. The first that nobody has.
 */
const UNUSED = { first: 65_529, last: 65_520 } as const;

/**
 * Who looks at dead processes: the user `usercrash` where /etc/passwd has it, else a number that is nobody's. Never `nobody`, whom
 * other services run as. Read directly: a name service may ask the network, and hang.
 *
 * @throws {Error} Where all of these numbers are somebody's.
 */
export function cageUser({ passwd = '/etc/passwd', group = '/etc/group' } = {}): CageUser {
  const users = linesOf(passwd).map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const ours = users.find(({ name }) => name === NAME);
  if (ours !== undefined && ours.uid > 0 && ours.gid > 0) return { uid: ours.uid, gid: ours.gid };
  const taken = new Set(users.flatMap(({ uid, gid }) => [uid, gid]));
  for (const [, , gid] of linesOf(group)) taken.add(Number(gid));
  for (let id: number = UNUSED.first; id >= UNUSED.last; id -= 1)
    if (!taken.has(id)) return { uid: id, gid: id };
  throw new Error(`there is no user ${NAME}, and ${UNUSED.last} to ${UNUSED.first} are others'`);
}

function linesOf(path: string): string[][] {
  const text = readBeginning(path, MAX_BYTES)?.toString('utf8') ?? '';
  return text.split('\n').map((line) => line.split(':'));
}
