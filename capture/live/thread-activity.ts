import { parseStat } from '../proc/parse-stat.ts';
import { readProcFile } from '../read-proc-file.ts';

/** What a thread was at, as /proc tells it: only before it is stopped, because then all sit in ptrace_stop(). */
export interface ThreadActivity {
  /** Letter of its state: `R`, `S`, `D`, `T`; proc_pid_stat(5). */
  state: string;
  /** Number of the system call that it is in; null where it is in none. */
  systemCall: number | null;
  /** Kernel function in which it sleeps: proc_pid_wchan(5). Null where there is none, or none to see. */
  waitChannel: string | null;
  /** /proc/PID/task/TID/stack. Null without the right to it. */
  kernelStack: Buffer | null;
  /** Arguments of the system call (6), stack pointer, program counter: the numbers of /proc/PID/task/TID/syscall. */
  registers: bigint[] | null;
}

const MAX_BYTES = 64 * 1024;

/** The letter of a thread's state, empty where it is gone. */
export function threadState(pid: number, tid: number): string {
  return parseStat(read(`/proc/${pid}/task/${tid}/stat`) ?? Buffer.alloc(0))?.state ?? '';
}

/** Looks at a thread without touching it. Nothing is sure to fit together: it goes on meanwhile. */
export function threadActivity(pid: number, tid: number): ThreadActivity {
  const path = `/proc/${pid}/task/${tid}`;
  const channel = read(`${path}/wchan`)?.toString('latin1') ?? '';
  const { systemCall, registers } = parseSystemCall(read(`${path}/syscall`)?.toString('latin1') ?? '');
  return {
    state: threadState(pid, tid),
    systemCall,
    registers,
    waitChannel: /^\w+$/.test(channel) && channel !== '0' ? channel : null,
    kernelStack: read(`${path}/stack`),
  };
}

/**
 * `202 0x7f.. 0x0 0x0 0x0 0x0 0x0 0x7f.. 0x7f..`: number, arguments, stack pointer, program counter. `-1 0x7f.. 0x7f..` of
 * one that sleeps outside a system call (a page fault), `running`: proc_pid_syscall(5).
 */
export function parseSystemCall(text: string): Pick<ThreadActivity, 'systemCall' | 'registers'> {
  const [number = '', ...words] = text.trim().split(' ');
  const isWhole = /^-?\d{1,9}$/.test(number) && words.every((word) => /^0x[0-9a-f]{1,16}$/.test(word));
  if (!isWhole || (words.length !== 8 && words.length !== 2)) return { systemCall: null, registers: null };
  return { systemCall: Number(number) < 0 ? null : Number(number), registers: words.map(BigInt) };
}

function read(path: string): Buffer | null {
  try {
    return readProcFile(path, MAX_BYTES).bytes;
  } catch {
    // No right, or gone: null says it.
    return null;
  }
}
