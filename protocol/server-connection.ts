import { closeSync } from 'node:fs';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { connect } from '../linux/connect.ts';
import { type ReceivedMessage, recvmsg } from '../linux/recvmsg.ts';
import { sendmsg } from '../linux/sendmsg.ts';
import { setSocketTimeout } from '../linux/setsockopt.ts';
import { socket } from '../linux/socket.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import {
  decodeMessage,
  encodeMessage,
  MAX_FRAME_BYTES,
  type MessageName,
  type Messages,
  type Reason,
} from './codec.ts';

/** What came with one message; the receiver owns the descriptors. */
export interface Answer<K extends MessageName> {
  name: K;
  value: Messages[K];
  descriptors: number[];
}

/** What a server that has closed the connection said before is there already. */
const FAREWELL_TIMEOUT_MS = 100;

type AnyAnswer<K extends MessageName> = { [N in K]: Answer<N> }[K];

/** The server said no, or something that was not expected. */
export class ServerRefusedError extends UsercrashError {
  /** What it said; null where it gave no reason. */
  readonly refused: Messages['refused'] | null;

  constructor(code: string, message: string, refused: Messages['refused'] | null = null) {
    super(code, message);
    this.refused = refused;
  }
}

/** Whether an error is a server's refusal for this reason. */
export function isRefusedFor(error: unknown, reason: Reason): error is ServerRefusedError {
  return error instanceof ServerRefusedError && error.refused?.reason === reason;
}

/**
 * The client's end of the conversation. Every call blocks, for a bounded time: a client has nothing else to do, and
 * an event loop would only make it later.
 */
export class ServerConnection {
  /** Its descriptor, for a process that goes on with the conversation; ours all the same. */
  readonly fd: number;

  /** @param fd A connection to a server that somebody else has begun, now ours. */
  constructor(fd: number) {
    this.fd = fd;
  }

  /**
   * Connects to a server.
   *
   * @param path Of its socket.
   * @param timeoutMs For the connection; every receive has its own.
   * @throws {SystemCallError} ENOENT or ECONNREFUSED where no server listens, EAGAIN where it does not accept in time.
   */
  static open(path: string, timeoutMs: number): ServerConnection {
    const fd = socket('seqpacket', { nonBlocking: false });
    try {
      setSocketTimeout(fd, timeoutMs);
      connect(fd, path);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return new ServerConnection(fd);
  }

  /**
   * Sends one message.
   *
   * @param descriptors The server gets copies; at most 253.
   * @throws {ServerRefusedError} E_SERVER_REFUSED where the server has ended the conversation with a reason that was not
   *   read yet, E_SERVER_GONE where it has ended it without.
   */
  send<K extends MessageName>(name: K, value: Messages[K], descriptors: readonly number[] = []): void {
    try {
      sendmsg(this.fd, encodeMessage(name, value), descriptors);
    } catch (error) {
      if (!hasErrno(error, 'EPIPE')) throw error;
      this.receive([], FAREWELL_TIMEOUT_MS);
    }
  }

  /**
   * Waits for one of the messages that may follow.
   *
   * @param expected Their names.
   * @param timeoutMs How long.
   * @returns The message and the descriptors that came with it.
   * @throws {ServerRefusedError} E_SERVER_REFUSED with the server's reason, E_SERVER_GONE, E_SERVER_UNEXPECTED.
   * @throws {SystemCallError} EAGAIN where nothing came in time.
   */
  receive<K extends MessageName>(expected: readonly K[], timeoutMs: number): AnyAnswer<K> {
    setSocketTimeout(this.fd, timeoutMs);
    const packet = this.#nextPacket();
    if (packet === null) throw new ServerRefusedError('E_SERVER_GONE', 'The server closed the connection');
    try {
      const message = decodeMessage(packet.body);
      if (message.name === 'refused') {
        const detail = `The server refused: ${message.value.detail} (reason ${message.value.reason})`;
        throw new ServerRefusedError('E_SERVER_REFUSED', detail, message.value);
      }
      if (packet.isTruncated || !expected.some((name) => name === message.name)) {
        const text = `The server said ${message.name}, expected was ${expected.join(' or ')}`;
        throw new ServerRefusedError('E_SERVER_UNEXPECTED', text);
      }
      // The check above makes it one of K; TypeScript cannot follow `some`.
      return { ...message, descriptors: packet.descriptors } as AnyAnswer<K>;
    } catch (error) {
      for (const descriptor of packet.descriptors) closeSync(descriptor);
      throw error;
    }
  }

  #nextPacket(): ReceivedMessage | null {
    try {
      return recvmsg(this.fd, MAX_FRAME_BYTES);
    } catch (error) {
      // The server closed without having read all that we said: the kernel says so once, and then gives its last words.
      if (!hasErrno(error, 'ECONNRESET')) throw error;
      return recvmsg(this.fd, MAX_FRAME_BYTES);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
