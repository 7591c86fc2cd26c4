/** 32 hex digits of the boot id, then pid, start ticks and µs since the epoch: until the year 2286. */
const CRASH_ID = /^[0-9a-f]{32}-[0-9]{1,10}-[0-9]{1,20}-[0-9]{1,16}$/;

/** Whether a crash id is one: it becomes part of file names. */
export function isCrashId(text: string): boolean {
  return CRASH_ID.test(text);
}

/** The permanent name of a crash; see docs/architecture.md. */
export function crashIdOf(parts: { bootId: string; pid: number; startTicks: number; atUs: number }): string {
  return `${parts.bootId}-${parts.pid}-${parts.startTicks}-${parts.atUs}`;
}

/** Start of the process in clock ticks after boot; 0 where that is not known. */
export function startTicksOf(crashId: string): number {
  return Number(crashId.split('-')[2]);
}
