import { fstatSync } from 'node:fs';
import { checked, libc } from './libc.ts';

const fsetxattrCall = libc.func(
  'int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)',
);

/** The attribute that holds an access control list: include/uapi/linux/xattr.h. */
const NAME = 'system.posix_acl_access';
/** include/uapi/linux/posix_acl_xattr.h: {u32 version}, then an entry {u16 tag, u16 permissions, u32 id} each, little-endian. */
const VERSION = 2;
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
/** Tags in the order that the kernel wants: include/uapi/linux/posix_acl.h. */
const USER_OBJ = 0x01;
const USER = 0x02;
const GROUP_OBJ = 0x04;
const MASK = 0x10;
const OTHER = 0x20;
const NO_ID = 0xffff_ffff;
const READ = 4;

/**
 * Lets one more user read a file, as `setfacl -m u:UID:r` does: acl(5), fsetxattr(2). What the mode gives the owner, the group
 * and all others stays.
 *
 * @param uid In our user namespace.
 * @throws {SystemCallError} ENOTSUP where the file system has no such lists, EPERM, ENOSPC.
 */
export function allowReading(fd: number, uid: number): void {
  const { mode } = fstatSync(fd);
  const group = (mode >> 3) & 7;
  const entries = [
    [USER_OBJ, (mode >> 6) & 7, NO_ID],
    [USER, READ, uid],
    [GROUP_OBJ, group, NO_ID],
    [MASK, group | READ, NO_ID],
    [OTHER, mode & 7, NO_ID],
  ] as const;
  const list = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES);
  list.writeUInt32LE(VERSION);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    list.writeUInt16LE(tag, at);
    list.writeUInt16LE(permissions, at + 2);
    list.writeUInt32LE(id, at + 4);
  }
  checked('fsetxattr', `${fd} ${NAME}`, () => fsetxattrCall(fd, NAME, list, list.length, 0));
}
