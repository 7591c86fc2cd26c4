import { readBeginning } from './read-beginning.ts';

/** Far more than any machine has local users; names from a directory service are not looked up at all. */
const MAX_BYTES = 1024 * 1024;

/**
 * The name that /etc/passwd has for a user (passwd(5)). Read directly: a name service may ask the network, and hang.
 *
 * @returns Null where there is none.
 */
export function userName(uid: number, path = '/etc/passwd'): string | null {
  const text = readBeginning(path, MAX_BYTES)?.toString('utf8') ?? '';
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name !== undefined && name !== '' && id === String(uid)) return name;
  }
  return null;
}
