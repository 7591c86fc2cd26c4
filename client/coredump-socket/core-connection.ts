import { closeSync, readSync } from 'node:fs';
import { coreHeadBytes } from '../../capture/core-head-bytes.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { peerCredentials } from '../../linux/getsockopt.ts';
import { pollReadable } from '../../linux/poll-readable.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { captureHead, headFrom } from '../capture-from-pipe.ts';
import { completeArguments } from '../complete-arguments.ts';
import type { ConnectionHandlers } from '../default-handler/connection-handlers.ts';
import { handlerWords } from '../default-handler/handler-words.ts';
import type { Finishing } from '../finisher.ts';
import { kernelLog } from '../kernel-log.ts';
import { Steps } from '../steps.ts';
import { type DumpedProcess, dumpedProcess, kernelWordsOf } from './dumped-process.ts';
import { endConnection } from './end-connection.ts';
import { answerTo, MARK_BYTES, Mark, markName, REQUEST_BYTES } from './kernel-protocol.ts';

/**
 * How long the kernel may take to say what it has to: it has everything at hand. A frozen process (cgroups(7)) is what is
 * known to take longer; what came until then is captured.
 */
const PATIENCE_MS = 10_000;
/** Heads of all connections together, in bytes: of one that is over it, the rest is left out. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Read at least, as far as it is there: all of a small process's head. What more is read of a core is copied for nothing. */
const LEAST_READ_BYTES = 16 * 1024;

/** Bytes that all connections hold. */
let heldBytes = 0;
/** What is read goes here first: the kernel gives a pipe's fill at a time. */
const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/**
 * One crash on the kernel's coredump socket. The process is held until the connection is closed; nothing waits for the
 * kernel or for another crash, and what is done without a pause is the capture alone.
 */
export class CoreConnection {
  readonly #fd: number;
  readonly #runDir: string;
  readonly #finishing: Finishing;
  readonly #handlers: ConnectionHandlers;
  readonly #closed: () => void;
  readonly #steps = new Steps(process.hrtime.bigint());
  readonly #endPolling: () => void;
  readonly #late: NodeJS.Timeout;
  #dumped: DumpedProcess | null = null;
  /** Known also of one that is killed and reaped while we look: the ledger finds its crash by it. */
  readonly #pid: number;
  #stage: 'request' | 'mark' | 'core' | 'closed' = 'request';
  #parts: Buffer[] = [];
  #bytes = 0;
  #neededBytes = REQUEST_BYTES;
  #isReleased = false;

  /**
   * @param fd Accepted and non-blocking; ours from now on.
   * @param finishing Is given the captured crash.
   * @param handlers Get the connection afterwards, where core_pattern's old handler is to have the core.
   * @param closed Called when it is over.
   */
  constructor(
    fd: number,
    runDir: string,
    {
      finishing,
      handlers,
      closed,
    }: { finishing: Finishing; handlers: ConnectionHandlers; closed: () => void },
  ) {
    this.#fd = fd;
    this.#pid = peerCredentials(fd).pid;
    this.#runDir = runDir;
    this.#finishing = finishing;
    this.#handlers = handlers;
    this.#closed = closed;
    this.#late = setTimeout(() => this.#guard(() => this.#wasLate()), PATIENCE_MS);
    this.#endPolling = pollReadable(fd, () => this.#guard(() => this.#read()));
  }

  /** Lets go of the process; what has not been captured by now is lost to us. */
  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    this.#release();
    if (this.#dumped !== null) closeSync(this.#dumped.pidfd);
    this.#closed();
  }

  /** The same of one that is to be told of. */
  abandon(why: string): void {
    this.#guard(() => {
      throw new Error(why);
    });
  }

  /** Whatever goes wrong ends this connection and no other. */
  #guard(act: () => void): void {
    try {
      if (this.#stage !== 'closed') act();
    } catch (error) {
      kernelLog('error', `pid ${this.#pid}: not collected: ${messageOf(error)}`);
      this.close();
    }
  }

  #read(): void {
    for (;;) {
      const missing = Math.max(LEAST_READ_BYTES, this.#neededBytes - this.#bytes);
      const wanted = Math.min(missing, CHUNK_BYTES);
      const count = readOrNone(this.#fd, wanted);
      if (count === null) return;
      this.#parts.push(Buffer.from(chunk.subarray(0, count)));
      this.#bytes += count;
      heldBytes += count;
      if (count === 0 || heldBytes > MAX_HELD_BYTES) {
        this.#ended();
        return;
      }
      while (this.#bytes >= this.#neededBytes) {
        if (this.#stage === 'closed' || this.#step()) return;
      }
      // That was all: to ask again is an error, and an error takes longer than to be told when there is more.
      if (count < wanted) return;
    }
  }

  /** Deals with what has come. @returns True where the connection is done. */
  #step(): boolean {
    switch (this.#stage) {
      case 'request': {
        const answer = answerTo(this.#take(REQUEST_BYTES));
        if (answer === null) throw new Error('the kernel offers no core that we could take');
        this.#dumped = dumpedProcess(this.#fd);
        sendmsg(this.#fd, answer);
        this.#stage = 'mark';
        this.#neededBytes = MARK_BYTES;
        return false;
      }
      case 'mark': {
        const mark = this.#take(MARK_BYTES).readUInt32LE(0);
        if (mark !== Mark.REQACK) throw new Error(`the kernel refused with ${markName(mark)}`);
        this.#stage = 'core';
        this.#neededBytes = 1;
        return false;
      }
      case 'core': {
        // Program headers and notes are told by the beginning, which seldom comes in more than one piece.
        const bytes = this.#joined();
        this.#neededBytes = coreHeadBytes(bytes);
        if (this.#neededBytes > bytes.length) return false;
        this.#capture();
        return true;
      }
      case 'closed':
        return true;
    }
  }

  #ended(): void {
    if (this.#stage === 'core') this.#capture();
    else throw new Error(`the kernel ended the connection while we waited for its ${this.#stage}`);
  }

  #wasLate(): void {
    if (this.#stage === 'core') this.#capture();
    else throw new Error(`the kernel did not send its ${this.#stage} within ${PATIENCE_MS} ms`);
  }

  #capture(): void {
    const dumped = this.#dumped;
    if (dumped === null) return;
    const head = headFrom(bytesSource(this.#joined()));
    this.#steps.ended('notes read');
    const words = kernelWordsOf(this.#runDir, dumped, head);
    const captured = captureHead(head, words, {
      steps: this.#steps,
      repeatOf: (quickKey) => this.#finishing.repeatOf(quickKey),
    });
    const kernel = completeArguments(words, captured);
    const handler = handlerWords(kernel, captured.snapshot.limits);
    if (handler === null) this.#release();
    this.#steps.ended('released');
    this.#finishing.add({ kernel, captured, steps: this.#steps.data, mode: 'socket' });
    if (handler !== null) {
      const read = this.#letGo();
      this.#dumped = null;
      this.#handlers.take(this.#fd, dumped.pidfd, { read, words: handler });
    }
    this.close();
  }

  /** Lets go of the process. */
  #release(): void {
    if (this.#isReleased) return;
    this.#letGo();
    endConnection(this.#fd);
  }

  /** The connection is not ours any more. @returns What has been read and not been used up. */
  #letGo(): readonly Buffer[] {
    this.#isReleased = true;
    clearTimeout(this.#late);
    this.#endPolling();
    heldBytes -= this.#bytes;
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  /** All that has been read and not been taken. */
  #joined(): Buffer {
    const [only = Buffer.alloc(0)] = this.#parts;
    const bytes = this.#parts.length > 1 ? Buffer.concat(this.#parts) : only;
    this.#parts = [bytes];
    return bytes;
  }

  #take(count: number): Buffer {
    const bytes = this.#joined();
    this.#parts = [bytes.subarray(count)];
    this.#bytes -= count;
    heldBytes -= count;
    return bytes.subarray(0, count);
  }
}

/** Bytes read into `chunk`; null where there are none now, 0 at the end. */
function readOrNone(fd: number, most: number): number | null {
  try {
    return readSync(fd, chunk, 0, most, null);
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return null;
    // The kernel ends a dump that is interrupted without ceremony.
    if (hasErrno(error, 'ECONNRESET')) return 0;
    throw error;
  }
}
