import { constants } from 'node:os';
import {
  ALLOW,
  argumentOffset,
  deny,
  encodeFilter,
  filterHead,
  IF_EQUAL,
  jump,
  load,
} from '../analysis/cage/filter-program.ts';
import { SYSTEM_CALL_NUMBER, type SystemCallName } from '../analysis/cage/system-call-number.ts';

/**
 * What neither a client nor anything that it starts for an analysis ever calls (gdb's cage allows far less): the kernel's own code, its
 * hardware and clock, other processes' memory, keys, and what attacks on a kernel have begun with again and again.
 */
const FORBIDDEN: readonly SystemCallName[] = [
  ...(['init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load', 'bpf'] as const),
  ...(['iopl', 'ioperm', 'modify_ldt', 'personality', 'reboot', 'swapon', 'swapoff', 'acct'] as const),
  ...(['quotactl', 'settimeofday', 'adjtimex', 'clock_settime', 'clock_adjtime', 'syslog'] as const),
  ...(['ptrace', 'process_vm_writev', 'move_pages', 'vmsplice', 'open_by_handle_at'] as const),
  ...(['add_key', 'request_key', 'keyctl', 'perf_event_open', 'userfaultfd', 'fanotify_init'] as const),
  'io_uring_setup',
];
/** sys/socket.h */
const AF_UNIX = 1;

/**
 * A filter of system calls for a client. It is a list of what is forbidden, because it also holds for what makes gdb's cage, which needs
 * much; a forbidden call does not exist (ENOSYS). Of sockets there are local ones.
 *
 * @returns An array of struct sock_filter: seccomp(2).
 */
export function clientFilter(): Buffer {
  const { ENOSYS, EAFNOSUPPORT } = constants.errno;
  const program = filterHead();
  for (const call of FORBIDDEN) {
    program.push(jump(IF_EQUAL, SYSTEM_CALL_NUMBER[call], { yes: 0, no: 1 }), deny(ENOSYS));
  }
  program.push(jump(IF_EQUAL, SYSTEM_CALL_NUMBER.socket, { yes: 0, no: 3 }), load(argumentOffset(0)));
  program.push(jump(IF_EQUAL, AF_UNIX, { yes: 1, no: 0 }), deny(EAFNOSUPPORT), ALLOW);
  return encodeFilter(program);
}
