import { closeSync, fstatSync, readSync } from 'node:fs';
import type { OwnMounts } from '../../capture/own-mounts.ts';
import { memfdCreate } from '../../linux/memfd-create.ts';
import type { CageUser } from '../cage/cage-user.ts';
import { MAX_READ_FILES, PATH_BYTES, sourceReaderSteps } from '../cage/source-reader-steps.ts';
import { type Caged, startCaged } from '../cage/start-caged.ts';

/** How long one file is waited for: its file system may not answer. */
const READ_MS = 2000;
/** struct stat on x86-64: asm/stat.h. */
const MODE_OFFSET = 24;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IROTH = 0o004;

interface Reader {
  caged: Caged;
  /** Where in its list it tells what kind of file each is. */
  statAddresses: readonly bigint[];
}

/**
 * Reads source files for a report, with no more rights than the dead process's user had: which files those are, its debug
 * information says, and that may have been made to show what its user must not see. A process of its own opens them, with
 * that user's ids and no capabilities, and without any device.
 */
export class SourceFiles {
  readonly #user: CageUser | null;
  readonly #mounts: OwnMounts | null;
  readonly #copies: number[] = [];
  readonly #read = new Map<string, Promise<Buffer | null>>();
  #reader: Reader | null = null;
  /** Called when the reader has gone through one more file. */
  #turn: () => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /**
   * @param user Whose rights count; null where we are not root, and our own do. Of root's own only what everybody may read is shown:
   *   a report has more readers than root.
   * @param mounts Whose files they are, where not those that we see; open until {@link start} has returned.
   */
  constructor(user: CageUser | null, mounts: OwnMounts | null = null) {
    this.#user = user;
    this.#mounts = mounts;
  }

  /** Whether they are of a process with mounts of its own. */
  get areElsewhere(): boolean {
    return this.#mounts !== null;
  }

  /** @returns The file's first 16 MiB; null where it cannot be read, or too many were asked for. */
  read(path: Buffer): Promise<Buffer | null> {
    const key = path.toString('latin1');
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const index = this.#read.size;
    if (index >= MAX_READ_FILES || path.length >= PATH_BYTES || path[0] !== 0x2f || path.includes(0)) {
      return Promise.resolve(null);
    }
    const reading = this.#last.then(() => this.#readNext(index, path));
    this.#last = reading;
    this.#read.set(key, reading);
    return reading;
  }

  /**
   * Starts the reader, which the first file would do: for a process that will not be root any more by then.
   *
   * @throws {SystemCallError} Where there is no memory.
   */
  start(): void {
    this.#reader ??= this.#started();
  }

  #started(): Reader {
    const mounts = this.#mounts;
    const { table, statAddresses } = sourceReaderSteps(this.#user, mounts !== null);
    for (let copy = 0; copy < MAX_READ_FILES; copy += 1) this.#copies.push(memfdCreate('usercrash-source'));
    const caged = startCaged(table, {
      descriptors: mounts === null ? this.#copies : [...this.#copies, mounts.root, mounts.namespace],
      argv: ['source-reader'],
    });
    const { child } = caged;
    child.stdout?.on('data', () => this.#turn());
    // A broken pipe is how its end shows itself first.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
    for (const event of ['exit', 'error'] as const) child.once(event, () => this.close());
    return { caged, statAddresses };
  }

  /** Ends the reader; one that waits in the kernel for a file system is left behind. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#turn();
    const child = this.#reader?.caged.child;
    child?.kill('SIGKILL');
    for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy();
    child?.unref();
    for (const fd of this.#copies) closeSync(fd);
  }

  async #readNext(index: number, path: Buffer): Promise<Buffer | null> {
    if (this.#isClosed) return null;
    this.#reader ??= this.#started();
    const { caged, statAddresses } = this.#reader;
    const request = Buffer.alloc(PATH_BYTES);
    path.copy(request);
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.close(), READ_MS);
      this.#turn = () => {
        clearTimeout(late);
        resolve();
      };
      caged.child.stdin?.write(request);
    });
    const stat = caged.memory(statAddresses[index] ?? 0n, MODE_OFFSET + 4);
    const mode = this.#isClosed ? 0 : stat.readUInt32LE(MODE_OFFSET);
    const fd = this.#copies[index];
    if (fd === undefined || this.#isClosed || (mode & S_IFMT) !== S_IFREG) return null;
    if (this.#user?.uid === 0 && (mode & S_IROTH) === 0) return null;
    const bytes = Buffer.alloc(fstatSync(fd).size);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  }
}
