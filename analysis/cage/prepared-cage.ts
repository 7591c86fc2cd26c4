import { closeSync, writeSync } from 'node:fs';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { CONTROL_HEADER_BYTES, MAX_DESCRIPTORS } from '../../linux/message-header.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { socketpair } from '../../linux/socketpair.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { addCagedProgram, addCageWalls, type CagedProgram, type CageWalls } from './cage-steps.ts';
import { type Caged, FIRST_DESCRIPTOR, failureIn, newCagedSteps, startCaged } from './start-caged.ts';
import { StepTable, TABLE_BYTES } from './step-table.ts';

/** What it has until it is told what to run. */
const LIST = FIRST_DESCRIPTOR;
const SOCKET = FIRST_DESCRIPTOR + 1;
/** The lowest that are free then. */
const PIPE = { read: 3, write: 4 };
/** linux/fcntl.h, close_range(2) */
const F_DUPFD = 0;
const LAST_DESCRIPTOR = 0xffff_ffff;

/**
 * A cage that root has made and somebody uses who is not root any more: its namespaces and mounts need no user namespace then, which
 * a machine may forbid. It has given up root when it waits; what it is to run, and with which descriptors, it is told later, by whoever
 * has the same rights as itself.
 */
export class PreparedCage {
  readonly #caged: Caged;
  readonly #walls: StepTable;
  readonly #list: number;
  readonly #socket: number;
  #isOpen = true;

  /** @throws {SystemCallError} Node's error where no process can be started. */
  constructor(walls: CageWalls) {
    this.#walls = newCagedSteps();
    // Whatever else it has inherited would be in the way of what it gets.
    this.#walls.step('close_range', [SOCKET + 1, LAST_DESCRIPTOR, 0], { required: true });
    this.#walls.step('pipe', [this.#walls.bytes(Buffer.alloc(8))], { required: true });
    addCageWalls(this.#walls, walls, PIPE);
    this.#walls.takeRest(LIST);
    this.#list = memfdCreate('usercrash-cage');
    const [socket, other] = socketpair();
    this.#socket = socket;
    try {
      this.#caged = startCaged(this.#walls, { descriptors: [this.#list, other], argv: ['prepared-cage'] });
    } catch (error) {
      this.#release();
      throw error;
    } finally {
      closeSync(other);
    }
    const { child } = this.#caged;
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
    // Whoever uses it asks what became of it.
    child.on('error', () => undefined);
  }

  /**
   * Lets a program run in it.
   *
   * @param descriptors Of ours; the program has them as {@link FIRST_DESCRIPTOR} and following.
   * @throws {Error} Where it has ended, with the reason. {SystemCallError} {RangeError} Where the list is too long, or there is no memory.
   */
  start(program: CagedProgram, descriptors: readonly number[]): Caged {
    const rest = new StepTable(this.#walls);
    addDescriptors(rest, descriptors.length);
    addCagedProgram(rest, program);
    const { child, failed: failedWalls, memory } = this.#caged;
    if (child.exitCode !== null || child.signalCode !== null) {
      this.#release();
      throw new Error(failureIn(failedWalls()) ?? 'its cage was ended');
    }
    try {
      writeSync(this.#list, rest.toBuffer(), 0, TABLE_BYTES, 0);
      for (let from = 0; from < descriptors.length; from += MAX_DESCRIPTORS)
        sendmsg(this.#socket, Buffer.alloc(1), descriptors.slice(from, from + MAX_DESCRIPTORS));
    } catch (error) {
      // It has just ended, and the child's end will say why.
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
    } finally {
      this.#release();
    }
    child.stdin?.write(Buffer.alloc(1));
    const failed = () => [...failedWalls(), ...rest.failedIn(memory(rest.address, TABLE_BYTES))];
    return { child, memory, failed, failure: () => failureIn(failed()) };
  }

  /** Ends it where nothing was started in it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#release();
    const { child } = this.#caged;
    try {
      // Both of its processes: the inner one may not have asked yet to be told of the other's end.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (!hasErrno(error, 'ESRCH')) throw error;
    }
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    child.unref();
  }

  #release(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#list);
    closeSync(this.#socket);
  }
}

/** They come in messages, and get the lowest numbers that are free: unix(7). */
function addDescriptors(table: StepTable, count: number): void {
  const required = { required: true } as const;
  table.step('fcntl', [SOCKET, F_DUPFD, FIRST_DESCRIPTOR + count + 1], { required: true, keep: true });
  for (const fd of [LIST, SOCKET]) table.step('close', [fd], required);
  for (let fd = 3; fd < FIRST_DESCRIPTOR; fd += 1) table.step('dup2', [0, fd], required);
  for (let from = 0; from < count; from += MAX_DESCRIPTORS) {
    const body = table.bytes(Buffer.alloc(1));
    const controlBytes = CONTROL_HEADER_BYTES + MAX_DESCRIPTORS * 4 + 4;
    const control = table.bytes(Buffer.alloc(controlBytes));
    // struct iovec, and struct msghdr: recvmsg(2).
    const vector = table.words(body, 1);
    const header = table.words(0, 0, vector, 1, control, controlBytes, 0);
    table.step('recvmsg', [0, header], { required: true, nonZero: true, kept: 'first' });
  }
  for (let fd = 3; fd < FIRST_DESCRIPTOR; fd += 1) table.step('close', [fd], required);
  table.step('close', [], { required: true, kept: 'first' });
}
