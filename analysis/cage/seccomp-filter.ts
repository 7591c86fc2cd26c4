import { constants } from 'node:os';
import {
  ALLOW,
  argumentOffset,
  deny,
  encodeFilter,
  type FilterStep,
  filterHead,
  IF_ANY_BIT,
  IF_EQUAL,
  jump,
  load,
} from './filter-program.ts';
import { SYSTEM_CALL_NUMBER, type SystemCallName } from './system-call-number.ts';

/** What gdb, its Python and the C library call when they look at a core; a shell around gdb needs `mayFork`. */
const ALLOWED: readonly SystemCallName[] = [
  ...(['read', 'write', 'close', 'lseek', 'pread64', 'pwrite64', 'readv', 'writev', 'preadv'] as const),
  ...(['stat', 'fstat', 'lstat', 'newfstatat', 'statx', 'statfs', 'fstatfs', 'access', 'faccessat'] as const),
  ...([
    'faccessat2',
    'readlink',
    'readlinkat',
    'getdents',
    'getdents64',
    'getcwd',
    'chdir',
    'fchdir',
  ] as const),
  ...(['fadvise64', 'fcntl', 'dup', 'dup2', 'dup3', 'pipe', 'pipe2', 'close_range', 'umask'] as const),
  ...(['mmap', 'mprotect', 'munmap', 'mremap', 'msync', 'mincore', 'madvise', 'brk'] as const),
  ...(['rt_sigaction', 'rt_sigprocmask', 'rt_sigreturn', 'rt_sigpending', 'rt_sigtimedwait'] as const),
  ...(['rt_sigsuspend', 'sigaltstack', 'kill', 'tkill', 'tgkill', 'pause'] as const),
  ...([
    'poll',
    'ppoll',
    'select',
    'pselect6',
    'epoll_create1',
    'epoll_ctl',
    'epoll_wait',
    'epoll_pwait',
  ] as const),
  ...(['eventfd2', 'futex', 'set_robust_list', 'get_robust_list', 'set_tid_address', 'rseq'] as const),
  ...(['membarrier', 'sched_yield', 'sched_getaffinity', 'sched_setaffinity', 'sched_getparam'] as const),
  ...(['sched_getscheduler', 'getcpu', 'getpriority', 'setpriority'] as const),
  ...(['getpid', 'getppid', 'gettid', 'getuid', 'geteuid', 'getgid', 'getegid', 'getresuid'] as const),
  ...(['getresgid', 'getgroups', 'getpgrp', 'getpgid', 'getsid', 'uname', 'sysinfo', 'getrandom'] as const),
  ...(['getrlimit', 'setrlimit', 'prlimit64', 'getrusage', 'times', 'time', 'gettimeofday'] as const),
  ...(['clock_gettime', 'clock_getres', 'alarm', 'getitimer'] as const),
  ...(['setitimer', 'arch_prctl', 'execve', 'wait4', 'waitid', 'exit', 'exit_group'] as const),
];

/** PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, and how the C library names its memory: linux/prctl.h. */
const PRCTL_ALLOWED = [3, 15, 16, 23, 0x53564d41];
/** TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: asm-generic/ioctls.h. */
const IOCTL_ALLOWED = [0x5401, 0x540f, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451];
/** O_WRONLY | O_RDWR | O_CREAT | O_TRUNC and O_TMPFILE's own bit: asm-generic/fcntl.h. */
const WRITING = 0x3 | 0x40 | 0x200 | 0x40_0000;
/** CLONE_NEW* and CLONE_PARENT: linux/sched.h. */
const NAMESPACES = 0x7e02_0000 | 0x8000;
const CLONE_THREAD = 0x1_0000;
const AF_UNIX = 1;

/**
 * A filter that lets nothing through but what looking at a core needs: no file is opened for writing, nothing is created, no
 * process, no socket, no namespace, no other process is traced. Anything that is not known, also calls of kernels to come, does not
 * exist (ENOSYS), so that the C library takes what it took on older kernels.
 *
 * @param mayFork Whether it is for a script, which starts processes; threads may always be started.
 * @returns An array of struct sock_filter: seccomp(2).
 */
export function seccompFilter({ mayFork }: { mayFork: boolean }): Buffer {
  const { EROFS, EPERM, ENOSYS, ENOTTY } = constants.errno;
  const program = filterHead();
  const on = (call: SystemCallName, ...body: FilterStep[]) => {
    program.push(jump(IF_EQUAL, SYSTEM_CALL_NUMBER[call], { yes: 0, no: body.length }), ...body);
  };
  for (const call of ALLOWED) on(call, ALLOW);
  const ifAnyBit = (argument: number, bits: number, errno: number) => [
    load(argumentOffset(argument)),
    jump(IF_ANY_BIT, bits, { yes: 0, no: 1 }),
    deny(errno),
    ALLOW,
  ];
  const ifOneOf = (argument: number, values: readonly number[], errno: number) => [
    load(argumentOffset(argument)),
    ...values.map((value, index) => jump(IF_EQUAL, value, { yes: values.length - index, no: 0 })),
    deny(errno),
    ALLOW,
  ];
  // A script has /dev/null to write to; that everything else is read-only is up to the mounts then.
  on('open', ...(mayFork ? [ALLOW] : ifAnyBit(1, WRITING, EROFS)));
  on('openat', ...(mayFork ? [ALLOW] : ifAnyBit(2, WRITING, EROFS)));
  on('prctl', ...ifOneOf(0, PRCTL_ALLOWED, EPERM));
  on('ioctl', ...ifOneOf(1, IOCTL_ALLOWED, ENOTTY));
  on('socketpair', ...ifOneOf(0, [AF_UNIX], EPERM));
  on(
    'clone',
    ...(mayFork
      ? ifAnyBit(0, NAMESPACES, EPERM)
      : [
          load(argumentOffset(0)),
          jump(IF_ANY_BIT, NAMESPACES, { yes: 1, no: 0 }),
          jump(IF_ANY_BIT, CLONE_THREAD, { yes: 1, no: 0 }),
          deny(EPERM),
          ALLOW,
        ]),
  );
  for (const call of ['fork', 'vfork'] as const) on(call, mayFork ? ALLOW : deny(EPERM));
  // gdb starts `iconv -l` to learn names that nobody asks for, and waits 15 s in four sleeps for a vfork that fails
  // (libiberty's pex-unix.c): without processes, sleeps are over at once.
  for (const call of ['nanosleep', 'clock_nanosleep'] as const) on(call, mayFork ? ALLOW : deny(0));
  program.push(deny(ENOSYS));
  return encodeFilter(program);
}
