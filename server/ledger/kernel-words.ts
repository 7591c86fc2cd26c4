import type { Dump } from './dump.ts';
import type { DumpLogLine } from './kernel-log-line.ts';

/** A line was written within this of the dump that it is about, or of its end. */
const NEAR_MS = 1_000;
/** The kernel writes so many lines of a kind in so long, and then none: printk_ratelimited(), linux/ratelimit_types.h. */
const BURST = 10;
const INTERVAL_MS = 5_000;
/** Lines that are kept; a storm has at most ten of a kind in 5 s. */
const MAX_LINES = 500;
/** What the kernel says of a core that it has handed to nobody. */
const NOTHING_HANDED_OVER =
  /over core_pipe_limit|RLIMIT_CORE|pipe failed|Coredump socket .*(?:connection|queue full)|skipping|aborting core|failed to allocate/i;

/** What the kernel's log has said about dumps of late. */
export class KernelWords {
  #lines: { line: DumpLogLine; sinceMs: number; atMs: number; isTaken: boolean }[] = [];
  /** When records were lost last. */
  #lostAtMs = Number.NEGATIVE_INFINITY;

  /** @param sinceMs It was written between this and `atMs`: the kernel's own times are of another clock. */
  add(line: DumpLogLine, atMs: number, sinceMs = atMs): void {
    this.#lines.push({ line, sinceMs, atMs, isTaken: false });
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  lost(atMs: number): void {
    this.#lostAtMs = atMs;
  }

  /** Whether something about this dump may have been said that we have not read. */
  mayBeLost({ atMs }: Dump): boolean {
    return this.#lostAtMs > atMs - INTERVAL_MS;
  }

  /**
   * What was said of a dump, by its pid; in a container the kernel names the process as the container does.
   *
   * @param endMs When it ended.
   */
  of(dump: Dump, endMs: number): DumpLogLine | null {
    const pids = [dump.pid, ...(dump.process?.namespacePids ?? [])];
    const found = this.#lines.filter(
      ({ line, sinceMs, atMs }) =>
        pids.includes(line.pid) && atMs > dump.atMs - NEAR_MS && sinceMs < endMs + NEAR_MS,
    );
    for (const said of found) said.isTaken = true;
    const lines = found.map(({ line }) => line);
    return lines.find(isRefusal) ?? lines[0] ?? null;
  }

  /**
   * What was said near a dump of a process by a number that nobody here has: one that was gone before its numbers in its own
   * pid namespace could be asked for, as gdb in its cage. Each such line stands for one dump.
   *
   * @param isKnown Whether a dump of that moment has this number.
   */
  ofNobodyElse(dump: Dump, endMs: number, isKnown: (pid: number) => boolean): DumpLogLine | null {
    const found = this.#lines.find(
      ({ line, sinceMs, atMs, isTaken }) =>
        !isTaken &&
        !line.isClients &&
        isRefusal(line) &&
        atMs > dump.atMs - NEAR_MS &&
        sinceMs < endMs + NEAR_MS &&
        !isKnown(line.pid),
    );
    if (found === undefined) return null;
    found.isTaken = true;
    return found.line;
  }

  /**
   * What the kernel last said of others when it had stopped writing lines for each: then this one was skipped as well,
   * for all that can be known.
   */
  ofOthers({ atMs }: Dump): string | null {
    const recent = this.#lines.filter(
      (said) => said.atMs > atMs - INTERVAL_MS && said.sinceMs < atMs + NEAR_MS,
    );
    const last = recent.filter(({ line }) => isRefusal(line)).at(-1)?.line.reason;
    return recent.filter(({ line }) => line.reason === last).length >= BURST ? (last ?? null) : null;
  }
}

/** Whether a line says that nobody was given this core: then nothing is left to wait for. */
export function isRefusal({ reason, isClients }: DumpLogLine): boolean {
  return isClients || NOTHING_HANDED_OVER.test(reason);
}

/** A line as a reason for the history. */
export function wordsOf({ reason, isClients }: DumpLogLine): string {
  return isClients ? `the client could not: ${reason}` : `the kernel says: ${reason}`;
}
