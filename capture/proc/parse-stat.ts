/** What we use of /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcessStat {
  pid: number;
  /** 15 bytes at most, any bytes but NUL: also spaces, parentheses and newlines. */
  comm: Buffer;
  /** `R`, `S`, `D`, `Z`, ... */
  state: string;
  parentPid: number;
  processGroup: number;
  session: number;
  /** `pts/3`, `tty1`, `4:64` for other devices; null without a terminal. */
  tty: string | null;
  threadCount: number;
  /** Start, in clock ticks (1/100 s) after boot. */
  startTicks: number;
}

/** Fields behind comm, counted from the state (field 3). */
const FIELD = { parentPid: 1, processGroup: 2, session: 3, tty: 4, threadCount: 17, startTicks: 19 };

/**
 * Parses /proc/PID/stat.
 *
 * comm ends at the last `)`, because it may hold some itself.
 *
 * @returns Null where it is cut short or no stat.
 */
export function parseStat(bytes: Buffer): ProcessStat | null {
  const open = bytes.indexOf('(');
  const close = bytes.lastIndexOf(')');
  const pid = /^(\d{1,10}) $/.exec(bytes.toString('latin1', 0, Math.max(open, 0)))?.[1];
  if (pid === undefined || close < open) return null;
  const [state = '', ...fields] = bytes
    .toString('latin1', close + 1)
    .trim()
    .split(' ');
  const numberAt = (field: number) => {
    const text = fields[field - 1] ?? '';
    const number = /^(?:0|-?[1-9]\d{0,19})$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(number) ? number : Number.NaN;
  };
  const tty = numberAt(FIELD.tty);
  const numbers = {
    parentPid: numberAt(FIELD.parentPid),
    processGroup: numberAt(FIELD.processGroup),
    session: numberAt(FIELD.session),
    threadCount: numberAt(FIELD.threadCount),
    startTicks: numberAt(FIELD.startTicks),
  };
  // A start time that is the last of the text may have lost digits: more fields follow it in every kernel.
  const isWhole = /^[A-Za-z]$/.test(state) && fields.length > FIELD.startTicks;
  const { parentPid, threadCount, startTicks } = numbers;
  if (!isWhole || [tty, ...Object.values(numbers)].some(Number.isNaN)) return null;
  if (parentPid < 0 || threadCount < 0 || startTicks < 0) return null;
  return {
    pid: Number(pid),
    comm: bytes.subarray(open + 1, close),
    state,
    tty: tty === 0 ? null : ttyName(tty),
    ...numbers,
  };
}

/** Device number -> name (include/linux/kdev_t.h new_encode_dev; Documentation/admin-guide/devices.txt). */
function ttyName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return `${major}:${minor}`;
}
