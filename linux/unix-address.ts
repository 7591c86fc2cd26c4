import { UsercrashError } from '../errors/usercrash-error.ts';
import { AF_UNIX } from './socket.ts';

/** sizeof(sun_path), with its closing zero byte. */
const MAX_PATH_BYTES = 108;

/**
 * struct sockaddr_un: unix(7).
 *
 * @param path A path, or `@name` for an abstract one (without a file).
 * @throws {UsercrashError} E_SOCKET_PATH where it does not fit: the kernel would cut it and mean another file.
 */
export function unixAddress(path: string): Buffer {
  const name = Buffer.from(path, 'utf8');
  const isAbstract = name[0] === 0x40;
  if (name.length === 0 || name.length >= MAX_PATH_BYTES || name.includes(0)) {
    throw new UsercrashError(
      'E_SOCKET_PATH',
      `Socket path ${path} is ${name.length} bytes, allowed are 1 to ${MAX_PATH_BYTES - 1} without a zero byte`,
      { fix: 'Choose a shorter run directory.' },
    );
  }
  if (isAbstract) name[0] = 0;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat(isAbstract ? [family, name] : [family, name, Buffer.alloc(1)]);
}
