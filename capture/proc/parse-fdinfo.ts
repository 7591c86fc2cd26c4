/** What we use of /proc/PID/fdinfo/N. */
export interface DescriptorInfo {
  /** File position in bytes; null where the file has none or it is beyond 2^53. */
  position: number | null;
  /** `read,write,append,nonblock`; null where the line is missing. */
  flags: string | null;
}

/** Access mode: the lowest two bits; 3 is neither (open(2), ioctl only). */
const ACCESS = ['read', 'write', 'read,write', 'ioctl'];

/** Flags that are the same everywhere (asm-generic/fcntl.h). O_SYNC holds O_DSYNC, O_TMPFILE holds O_DIRECTORY. */
const FLAGS: readonly (readonly [mask: number, name: string])[] = [
  [0o2000, 'append'],
  [0o4000, 'nonblock'],
  [0o4010000, 'sync'],
  [0o10000, 'dsync'],
  [0o20000, 'async'],
  [0o1000000, 'noatime'],
  [0o2000000, 'cloexec'],
];

/** Those that differ; O_LARGEFILE is left out, since every file has it. */
const FLAGS_BY_ARCHITECTURE: Readonly<Record<string, typeof FLAGS>> = {
  x64: [
    [0o40000, 'direct'],
    [0o20200000, 'tmpfile'],
    [0o200000, 'directory'],
    [0o400000, 'nofollow'],
  ],
  // arch/arm64/include/uapi/asm/fcntl.h
  arm64: [
    [0o200000, 'direct'],
    [0o20040000, 'tmpfile'],
    [0o40000, 'directory'],
    [0o100000, 'nofollow'],
  ],
};

const O_PATH = 0o10000000;

/**
 * Parses /proc/PID/fdinfo/N (proc_pid_fdinfo(5)).
 *
 * @param architecture Node's name for the processor, whose flags they are.
 */
export function parseFdinfo(bytes: Buffer, architecture: string = process.arch): DescriptorInfo {
  // The first two lines; eventpoll, inotify and others append theirs, megabytes of them at worst.
  const text = bytes.toString('latin1', 0, 256);
  const position = Number(/^pos:\t(\d{1,19})\n/m.exec(text)?.[1] ?? Number.NaN);
  const flags = /^flags:\t([0-7]{1,12})\n/m.exec(text)?.[1];
  return {
    position: Number.isSafeInteger(position) ? position : null,
    flags: flags === undefined ? null : flagWords(Number.parseInt(flags, 8), architecture),
  };
}

function flagWords(flags: number, architecture: string): string {
  const isPath = (flags & O_PATH) !== 0;
  const words = isPath ? ['path'] : [ACCESS[flags & 3] ?? ''];
  let rest = flags;
  for (const [mask, name] of [...FLAGS, ...(FLAGS_BY_ARCHITECTURE[architecture] ?? [])]) {
    if ((rest & mask) !== mask) continue;
    words.push(name);
    rest &= ~mask;
  }
  return words.join(',');
}
