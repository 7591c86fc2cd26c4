import { confineClient } from '../../client/confine-client.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { errnoName } from '../../linux/system-call-error.ts';

/** Confines itself and prints as JSON what some system calls then give. */
const syscall = libc.func('long syscall(long number, long a, long b, long c)');
const result = (number: number, ...[a = 0, b = 0, c = 0]: number[]) =>
  Number(syscall(number, a, b, c)) === -1 ? errnoName(lastErrno()) : 'done';
confineClient();
// asm/unistd_64.h: socket of AF_UNIX, AF_INET and AF_NETLINK, ptrace, init_module, keyctl, bpf, io_uring_setup, getppid.
console.log(
  JSON.stringify({
    unix: result(41, 1, 1),
    inet: result(41, 2, 1),
    netlink: result(41, 16, 3),
    forbidden: [101, 175, 250, 321, 425].map((number) => result(number)),
    other: result(110),
  }),
);
