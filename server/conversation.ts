import { closeSync } from 'node:fs';
import type { Logger } from 'winston';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { isOutOfRoom } from '../linux/is-out-of-room.ts';
import {
  type Captured,
  type CrashEvent,
  decodeMessage,
  FrameError,
  isCrashEvent,
  type Message,
  Reason,
} from '../protocol/codec.ts';
import {
  ALLOWED,
  ANALYSIS_TIMEOUT_MS,
  CAPTURE_TIMEOUT_MS,
  FIRST_MESSAGE_TIMEOUT_MS,
  type State,
} from '../protocol/conversation.ts';
import { isCrashId } from '../protocol/crash-id.ts';
import type { ClientConnection, ConnectionEvents } from '../protocol/listen.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { signalName } from '../report/signals.ts';
import type { Collector, OpenCrash } from './collector.ts';
import type { ReceivedFile } from './module-files.ts';

/** Ends the conversation with a reason that the client is told. */
class Refusal extends UsercrashError {
  readonly reason: Reason;

  constructor(reason: Reason, detail: string) {
    super('E_REFUSED', detail);
    this.reason = reason;
  }
}

/**
 * The server's side of one conversation: the states and limits of protocol/conversation.ts. Messages are handled one
 * after the other, however fast they come; what they mean for the reports is the {@link Collector}'s business.
 */
export class Conversation implements ConnectionEvents {
  readonly #connection: ClientConnection;
  readonly #collector: Collector;
  readonly #log: Logger;
  #state: State = 'connected';
  #crash: OpenCrash | null = null;
  /** Whose crash it is, for the log. */
  #event: CrashEvent | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** No report will come of this client: it said so, or has had all the time that there is. */
  #isFinal = false;
  #noRoom = false;
  #work: Promise<void> = Promise.resolve();
  /** Why the client was sent away, for the history. */
  #endedBecause = 'the client went away';

  constructor(connection: ClientConnection, collector: Collector, log: Logger) {
    this.#connection = connection;
    this.#collector = collector;
    this.#log = log;
    if (connection.peer.uid !== 0) {
      this.#refuse(new Refusal(Reason.FORBIDDEN, `uid ${connection.peer.uid} is not root`));
    } else {
      this.#enter('connected', FIRST_MESSAGE_TIMEOUT_MS);
    }
  }

  packet(bytes: Buffer, descriptors: number[]): void {
    this.#work = this.#work.then(async () => {
      await this.#handle(bytes, descriptors);
      // Those that nobody wanted.
      for (const fd of descriptors) closeSync(fd);
    });
  }

  closed(): void {
    this.#isClosed = true;
    this.#clearTimer();
    this.#work = this.#work.then(async () => {
      const crash = this.#crash;
      this.#crash = null;
      this.#state = 'ended';
      if (crash === null) return;
      const end = { isFinal: this.#isFinal, noRoom: this.#noRoom, reason: this.#endedBecause };
      await this.#collector.abandon(crash, end);
    });
  }

  /** When everything that was said so far has been dealt with. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** Sends the client away: the server stops. It keeps its report itself. */
  stop(): void {
    if (this.#state !== 'ended') this.#refuse(new Refusal(Reason.STOPPING, 'the server is stopping'));
  }

  /** @param descriptors What is kept of them is taken out. */
  async #handle(bytes: Buffer, descriptors: number[]): Promise<void> {
    if (this.#state === 'ended') return;
    try {
      const message = decodeMessage(bytes);
      if (!ALLOWED[this.#state].includes(message.name)) {
        throw new Refusal(Reason.WRONG_STATE, `${message.name} is not expected in state ${this.#state}`);
      }
      this.#clearTimer();
      await this.#answer(message, descriptors);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #answer(message: Message, descriptors: number[]): Promise<void> {
    switch (message.name) {
      case 'crashEvent':
        return this.#begin(message.value);
      case 'captured':
        return this.#captured(message.value, descriptors);
      case 'completed': {
        const crash = this.#openCrash();
        if (!(await crash.files.hasReport())) throw new Refusal(Reason.MALFORMED, 'the report is empty');
        const published = await this.#collector.publish(crash, message.value);
        this.#crash = null;
        this.#connection.send('published', published);
        return this.#end();
      }
      case 'resumeAnalysis': {
        if (!isCrashId(message.value.crashId)) throw new Refusal(Reason.MALFORMED, 'crash_id is none');
        const crash = await this.#collector.resume(message.value.crashId);
        if (crash === null) throw new Refusal(Reason.UNKNOWN_CRASH, 'no analysis waits for this crash');
        this.#crash = crash;
        this.#event = crash.event;
        this.#grant(crash);
        const files = this.#collector.filesOf(crash);
        this.#connection.send(
          'analysisGranted',
          { files },
          files.map(({ fd }) => fd),
        );
        return this.#enter('analysing', ANALYSIS_TIMEOUT_MS);
      }
      case 'repeats':
        return this.#count(message.value.crashes);
      case 'aborted': {
        this.#endedBecause = message.value.reason.slice(0, 500);
        this.#isFinal = true;
        this.#noRoom = message.value.noRoom;
        return this.#end();
      }
      default:
        throw new Refusal(Reason.WRONG_STATE, `${message.name} is the server's to say`);
    }
  }

  async #count(crashes: readonly CrashEvent[]): Promise<void> {
    for (const event of crashes) {
      if (!isCrashEvent(event) || event.repeatOf === '' || this.#collector.has(event.crashId))
        throw new Refusal(Reason.MALFORMED, 'one of the crashes is no repeat');
    }
    await Promise.all(crashes.map((event) => this.#collector.repeatOf(event)));
    this.#connection.send('counted', {});
    this.#end();
  }

  async #begin(event: CrashEvent): Promise<void> {
    if (!isCrashEvent(event)) throw new Refusal(Reason.MALFORMED, 'crash_id or at_us is none');
    if (this.#collector.has(event.crashId))
      throw new Refusal(Reason.MALFORMED, 'crash_id is in hand already');
    this.#event = event;
    if (event.excludedBy !== '') {
      await this.#collector.excluded(event);
      this.#connection.send('refused', {
        reason: Reason.EXCLUDED,
        detail: 'it is counted',
        repeatOf: '',
        notBeforeMs: 0,
      });
      return this.#end();
    }
    const repeat = await this.#collector.repeatOf(event);
    if (repeat !== null) {
      const { of: repeatOf, notBeforeMs } = repeat;
      const detail = `it repeats ${repeatOf}`;
      this.#connection.send('refused', { reason: Reason.REPEAT, detail, repeatOf, notBeforeMs });
      return this.#end();
    }
    const crash = await this.#collector.begin(event);
    this.#crash = crash;
    this.#grant(crash);
    this.#enter('capturing', CAPTURE_TIMEOUT_MS);
  }

  async #captured({ heldMs, files }: Captured, descriptors: number[]): Promise<void> {
    const crash = this.#openCrash();
    if (!(await crash.files.hasCapture()))
      throw new Refusal(Reason.MALFORMED, 'the captured record is empty');
    const noRoom = await this.#collector.refusedForRoom(crash);
    if (noRoom !== null) {
      this.#crash = null;
      throw new Refusal(Reason.NO_ROOM, noRoom);
    }
    // A descriptor that is missing (this process may have no more) leaves its file to be opened by path.
    const received: ReceivedFile[] = [];
    for (const file of files.slice(0, descriptors.length)) {
      const fd = descriptors.shift();
      if (fd !== undefined)
        received.push({
          module: file.module,
          mayBlock: file.mayBlock,
          onlyHere: file.onlyHere,
          place: file.place,
          fd,
        });
    }
    const isGranted = await this.#collector.captured(crash, { heldMs, files: received });
    if (isGranted) {
      // It has its own.
      this.#connection.send('analysisGranted', { files: [] });
      return this.#enter('analysing', ANALYSIS_TIMEOUT_MS);
    }
    this.#crash = null;
    this.#connection.send('analysisDeferred', { queuedBefore: this.#collector.waiting });
    this.#end();
  }

  #grant(crash: OpenCrash): void {
    this.#connection.send('reportGranted', {}, crash.files.descriptors);
  }

  #openCrash(): OpenCrash {
    if (this.#crash === null) throw new Refusal(Reason.WRONG_STATE, 'no report was granted');
    return this.#crash;
  }

  #enter(state: State, timeoutMs: number): void {
    this.#state = state;
    this.#clearTimer();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#isFinal = state === 'analysing';
      this.#refuse(new Refusal(Reason.TIMEOUT, `nothing came within ${timeoutMs} ms in state ${state}`));
    }, timeoutMs);
  }

  #refuse(error: unknown): void {
    const isKnown = error instanceof Refusal || error instanceof FrameError;
    const reason = isKnown ? error.reason : Reason.STORAGE;
    const detail = messageOf(error);
    this.#endedBecause = `refused: ${detail}`;
    this.#noRoom = isOutOfRoom(error);
    this.#log.warn('client-refused', {
      pid: this.#connection.peer.pid,
      uid: this.#connection.peer.uid,
      detail,
      ...(this.#event === null ? {} : whoCrashed(this.#event)),
    });
    try {
      this.#connection.send('refused', {
        reason,
        detail: detail.slice(0, 1000),
        repeatOf: '',
        notBeforeMs: 0,
      });
    } catch {
      // It is gone, or does not read: it will see the connection's end instead.
    }
    this.#end();
  }

  #end(): void {
    this.#clearTimer();
    // Last: closing calls closed(), which needs the state to tell what is lost.
    this.#connection.close();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** A crash in the words of the log. */
function whoCrashed({ crashId, comm, signal }: CrashEvent): Record<string, string> {
  return { program: textOfBytes(comm), signal: signalName(signal), crashId };
}
