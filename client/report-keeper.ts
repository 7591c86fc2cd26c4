import { FIRST_DESCRIPTOR, newCagedSteps, startCaged } from '../analysis/cage/start-caged.ts';
import { UsercrashError } from '../errors/usercrash-error.ts';

/** linux/fcntl.h, linux/prctl.h, asm-generic/errno-base.h */
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const EEXIST = 17;

/**
 * What is left of root when an analysing client has given root up: a process that can do one thing, which was fixed before: give
 * open files their names in `.pending`, for the case that there is no server to do it. It ends with the client.
 */
export class ReportKeeper {
  readonly #caged: ReturnType<typeof startCaged>;
  /** Whether it had gone through all that it has to do when it ended. */
  readonly ended: Promise<boolean>;

  /**
   * @param files In the order in which they are named; null for one that has its name already. All are on the disk before the first
   *   gets its name: after a power cut a report is whole, or there is none.
   * @throws {SystemCallError} Where it cannot be started.
   */
  constructor(files: readonly { fd: number; path: string | null }[]) {
    const table = newCagedSteps();
    const byte = table.bytes(Buffer.alloc(1));
    table.step('prctl', [PR_SET_PDEATHSIG, SIGKILL]);
    // Nothing is named for a client that has ended, which reads as an end of file.
    table.step('read', [0, byte, 1], { required: true, nonZero: true });
    for (const index of files.keys()) table.step('fdatasync', [FIRST_DESCRIPTOR + index], { required: true });
    for (const [index, { path }] of files.entries()) {
      if (path === null) continue;
      const from = table.string(`/proc/self/fd/${FIRST_DESCRIPTOR + index}`);
      table.step('linkat', [AT_FDCWD, from, AT_FDCWD, table.string(path), AT_SYMLINK_FOLLOW]);
    }
    table.step('exit_group', [0]);
    const descriptors = files.map(({ fd }) => fd);
    this.#caged = startCaged(table, { descriptors, argv: ['report-keeper'] });
    const { child } = this.#caged;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('exit', (code) => resolve(code === 0));
      child.once('error', () => resolve(false));
    });
    child.stdout?.resume();
    this.#hold(false);
  }

  /** Names the files; one that has its name already is fine. @throws {UsercrashError} E_NOT_KEPT where it cannot. */
  async name(): Promise<void> {
    this.#hold(true);
    this.#caged.child.stdin?.write('.');
    const isDone = await this.ended;
    const failed = this.#caged.failed().find(({ call, errno }) => call === 'linkat' && errno !== EEXIST);
    if (isDone && failed === undefined) return;
    throw new UsercrashError('E_NOT_KEPT', `The report could not be kept: ${failed?.call ?? 'no keeper'}`);
  }

  /** Lets it end: it reads an end of file. We may not kill it, it is root's. */
  close(): void {
    for (const stream of this.#caged.child.stdio) stream?.destroy();
  }

  /** Whether it keeps this process from ending. */
  #hold(isHeld: boolean): void {
    const { child } = this.#caged;
    if (isHeld) child.ref();
    else child.unref();
  }
}
