/** What the kernel's log says about a dump. */
export interface DumpLogLine {
  /** As the process itself knows it: in a container this is no pid of ours. */
  pid: number;
  /** Escaped as the kernel does; null where the line has none. */
  comm: string | null;
  /** What went wrong, in the kernel's or the client's words. */
  reason: string;
  /** The client says so of a crash that it had in hand. */
  isClients: boolean;
}

/** A record of /dev/kmsg about dumps: a line, or how many such lines were not written. */
export type DumpLogRecord = { kind: 'line'; line: DumpLogLine } | { kind: 'suppressed'; count: number };

/** The kernel cuts a record at about 1,000 bytes; a reason has to fit into a history line. */
const MAX_REASON = 200;
const RECORD = /^(\d{1,10}),\d+,\d+,[^;\n]*;([^\n]*)/;
/** `coredump: 1825(storm): over core_pipe_limit, skipping core dump` (fs/coredump.c, coredump_report()). */
const KERNEL_LINE = /^coredump: (\d{1,10})\((.*?)\): (.+)$/;
/** Before Linux 6.12: `Pid 1825(storm) over core_pipe_limit`, `Process 1825(storm) has RLIMIT_CORE set to 1`. */
const OLDER_KERNEL_LINE =
  /^(?:Pid|Process) (\d{1,10})\((.*?)\) (over core_pipe_limit|has RLIMIT_CORE set to 1.*)$/;
/** `coredump_pipe: 18 callbacks suppressed`: ten lines of a kind in 5 s, the number with the next of its kind. */
const SUPPRESSED = /^(?:\w*coredump\w*): (\d{1,10}) callbacks suppressed$/;
/** client/kernel-log.ts: `usercrash: pid 4242, signal 11: not collected: ENOSPC`. */
const CLIENT_LINE = /^usercrash: pid (\d{1,10})(?:, signal \d+)?: not collected: (.+)$/;
/** Facility of a record, and the two that are believed: the kernel's own, which nobody else can give, and a daemon's. */
const FACILITY_SHIFT = 3;
const KERNEL = 0;
const DAEMON = 3;

/**
 * @param record One read of /dev/kmsg: `priority,sequence,time,flags;text`, then lines of its own fields
 *   (Documentation/ABI/testing/dev-kmsg). Only root may write there; the name in it is the process's own choice.
 * @returns Null where it is about something else.
 */
export function parseKernelRecord(record: string): DumpLogRecord | null {
  const [, priority = '', text = ''] = RECORD.exec(record) ?? [];
  const facility = Number(priority) >> FACILITY_SHIFT;
  if (priority === '' || (facility !== KERNEL && facility !== DAEMON)) return null;
  if (facility === DAEMON) {
    const [, pid, reason] = CLIENT_LINE.exec(text) ?? [];
    return pid === undefined ? null : lineOf(pid, null, { reason, isClients: true });
  }
  const suppressed = SUPPRESSED.exec(text)?.[1];
  if (suppressed !== undefined) return { kind: 'suppressed', count: Number(suppressed) };
  const [, pid, comm, reason] = KERNEL_LINE.exec(text) ?? OLDER_KERNEL_LINE.exec(text) ?? [];
  return pid === undefined ? null : lineOf(pid, comm ?? '', { reason, isClients: false });
}

/** The number of a record, by which it is known until the next boot; null for what is none. */
export function sequenceOf(record: string): number | null {
  const digits = /^\d{1,10},(\d{1,15}),/.exec(record)?.[1];
  return digits === undefined ? null : Number(digits);
}

function lineOf(
  pid: string,
  comm: string | null,
  said: { reason: string | undefined; isClients: boolean },
): DumpLogRecord {
  const reason = (said.reason ?? '').slice(0, MAX_REASON);
  return { kind: 'line', line: { pid: Number(pid), comm, reason, isClients: said.isClients } };
}
