import koffi from 'koffi';
import { libc } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

const spawnCall = libc.func(
  'int posix_spawn(void *pid, const void *path, const void *actions, const void *attributes, const void *argv, const void *envp)',
);
const initActions = libc.func('int posix_spawn_file_actions_init(void *actions)');
const destroyActions = libc.func('int posix_spawn_file_actions_destroy(void *actions)');
const addDup2 = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)');
const addOpen = libc.func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, uint mode)',
);
const addClose = libc.func('int posix_spawn_file_actions_addclose(void *actions, int fd)');
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

/** What a program starts with. */
export interface Start {
  /** Becomes its 0; null for /dev/null. */
  input: number | null;
  /** Becomes its 2; /dev/null where there is none. */
  errors?: number;
  /** Become 3 and following. */
  others: readonly number[];
  /** `NAME=value`; none by default. */
  environment?: readonly Buffer[];
}

/**
 * Starts a program in a session of its own: posix_spawn(3). Other than by Node's spawn(), words may be any bytes, and this process's
 * memory is not copied: fork(2) leaves every page of it write-protected, each of which costs a page fault afterwards. The caller
 * waits for its end.
 *
 * @param argv Its path first; any bytes but NUL.
 * @param start Descriptors that are not told of are closed by their O_CLOEXEC; 1 is /dev/null.
 * @returns Its pid.
 * @throws {SystemCallError} ENOENT, EACCES, ENOEXEC, EAGAIN.
 */
export function posixSpawn(argv: readonly Buffer[], start: Start): number {
  const actions = Buffer.alloc(STRUCTURE_BYTES);
  const attributes = Buffer.alloc(STRUCTURE_BYTES);
  succeed('posix_spawn_file_actions_init', initActions(actions));
  try {
    succeed('posix_spawnattr_init', initAttributes(attributes));
    return spawn(argv, start, { actions, attributes });
  } finally {
    // What was added is in memory of the C library's, which nobody collects. Of attributes there is none.
    destroyActions(actions);
  }
}

/** posixSpawn() with structures of the C library's that are ready to be filled. */
function spawn(
  argv: readonly Buffer[],
  { environment = [], ...start }: Start,
  { actions, attributes }: Record<'actions' | 'attributes', Buffer>,
): number {
  succeed('posix_spawnattr_setflags', setFlags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  const signals = Buffer.alloc(SIGNAL_SET_BYTES);
  signals.writeBigUInt64LE(IGNORED);
  succeed('posix_spawnattr_setsigdefault', setDefaultSignals(attributes, signals));
  placeDescriptors(actions, start);
  // All strings in one block, { pointers to them, NULL, pointers to the environment, NULL }.
  const text = Buffer.from(
    Buffer.concat([...argv, ...environment].flatMap((word) => [word, Buffer.alloc(1)])),
  );
  const pointers = Buffer.alloc((argv.length + 1 + environment.length + 1) * 8);
  const variables = (argv.length + 1) * 8;
  let at = koffi.address(text);
  for (const [index, word] of [...argv, ...environment].entries()) {
    pointers.writeBigUInt64LE(at, index < argv.length ? index * 8 : (index + 1) * 8);
    at += BigInt(word.length + 1);
  }
  const pid = Buffer.alloc(4);
  succeed(
    `posix_spawn ${argv[0]}`,
    spawnCall(pid, text, actions, attributes, pointers, pointers.subarray(variables)),
  );
  return pid.readInt32LE(0);
}

/** By way of numbers above all of them: one's own place may be another one's target. */
function placeDescriptors(actions: Buffer, { input, errors, others }: Omit<Start, 'environment'>): void {
  const given = [
    ...(input === null ? [] : [{ fd: input, target: 0 }]),
    ...(errors === undefined ? [] : [{ fd: errors, target: 2 }]),
    ...others.map((fd, index) => ({ fd, target: index + 3 })),
  ];
  const free = Math.max(...given.flatMap(({ fd, target }) => [fd, target]), 2) + 1;
  for (const [index, { fd }] of given.entries()) {
    succeed('posix_spawn_file_actions_adddup2', addDup2(actions, fd, free + index));
  }
  for (const [index, { target }] of given.entries()) {
    succeed('posix_spawn_file_actions_adddup2', addDup2(actions, free + index, target));
    succeed('posix_spawn_file_actions_addclose', addClose(actions, free + index));
  }
  for (const fd of [0, 1, 2].filter((target) => given.every((one) => one.target !== target))) {
    succeed('posix_spawn_file_actions_addopen', addOpen(actions, fd, '/dev/null', O_RDWR, 0));
  }
}

/** These functions return the errno itself. */
function succeed(call: string, errno: number): void {
  if (errno !== 0) throw new SystemCallError('posix_spawn', errno, call);
}
