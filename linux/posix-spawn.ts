import koffi from 'koffi';
import { libc } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

const spawnCall = libc.func(
  'int posix_spawn(void *pid, const void *path, const void *actions, const void *attributes, const void *argv, const void *envp)',
);
const initActions = libc.func('int posix_spawn_file_actions_init(void *actions)');
const addDup2 = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
const addOpen = libc.func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint mode)',
);
const initAttributes = libc.func('int posix_spawnattr_init(void *attributes)');
const setFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
const setDefaultSignals = libc.func(
  'int posix_spawnattr_setsigdefault(void *attributes, const void *signals)',
);

/** spawn.h; glibc's structures have 80 and 336 bytes, musl's no more. */
const STRUCTURE_BYTES = 512;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSID = 0x80;
/** Those that Node ignores, and a program that it starts would go on ignoring: SIGPIPE and SIGXFSZ. */
const IGNORED = (1n << 12n) | (1n << 24n);
const SIGNAL_SET_BYTES = 128;
const O_RDWR = 2;

/**
 * Starts a program of which nobody here will wait for the end, in a session of its own and without an environment:
 * posix_spawn(3). Node's spawn() takes no arguments that are not UTF-8.
 *
 * @param argv Its path first; any bytes but NUL.
 * @param descriptors Become 0, and so on from 3 on; 1 and 2 are /dev/null, all others are closed by their O_CLOEXEC.
 * @returns Its pid.
 * @throws {SystemCallError} ENOENT, EACCES, ENOEXEC, EAGAIN.
 */
export function posixSpawn(
  argv: readonly Buffer[],
  { input, others }: { input: number; others: readonly number[] },
): number {
  const actions = Buffer.alloc(STRUCTURE_BYTES);
  const attributes = Buffer.alloc(STRUCTURE_BYTES);
  succeed('posix_spawn_file_actions_init', initActions(actions));
  succeed('posix_spawnattr_init', initAttributes(attributes));
  succeed('posix_spawnattr_setflags', setFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  const signals = Buffer.alloc(SIGNAL_SET_BYTES);
  signals.writeBigUInt64LE(IGNORED);
  succeed('posix_spawnattr_setsigdefault', setDefaultSignals(attributes, signals));
  for (const [index, fd] of [input, ...others].entries()) {
    succeed('posix_spawn_file_actions_adddup2', addDup2(actions, fd, index === 0 ? 0 : index + 2));
  }
  for (const fd of [1, 2]) {
    succeed('posix_spawn_file_actions_addopen', addOpen(actions, fd, '/dev/null', O_RDWR, 0));
  }
  // All strings in one block, { pointers to them, NULL, NULL }: the last NULL is the environment.
  const text = Buffer.from(Buffer.concat(argv.flatMap((word) => [word, Buffer.alloc(1)])));
  const pointers = Buffer.alloc((argv.length + 2) * 8);
  let at = koffi.address(text);
  for (const [index, word] of argv.entries()) {
    pointers.writeBigUInt64LE(at, index * 8);
    at += BigInt(word.length + 1);
  }
  const environment = pointers.subarray((argv.length + 1) * 8);
  const pid = Buffer.alloc(4);
  succeed(`posix_spawn ${argv[0]}`, spawnCall(pid, text, actions, attributes, pointers, environment));
  return pid.readInt32LE(0);
}

/** These functions return the errno itself. */
function succeed(call: string, errno: number): void {
  if (errno !== 0) throw new SystemCallError('posix_spawn', errno, call);
}
