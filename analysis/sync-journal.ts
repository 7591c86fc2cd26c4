import { createConnection } from 'node:net';
import { messageOf } from '../errors/usercrash-error.ts';

/** Where journald answers varlink calls (systemd 243 and newer); root only. */
const JOURNALD_SOCKET = '/run/systemd/journal/io.systemd.journal';
/** The reply to Synchronize is 17 bytes, an error some more. */
const MAX_REPLY_BYTES = 4096;
/** A varlink message is JSON and a zero byte: varlink.org/Method-Call. */
const CALL = '{"method":"io.systemd.Journal.Synchronize","parameters":{}}\0';

/** Whether journald has written out all that it had received; if not, why. */
export type JournalSync = { done: true } | { done: false; reason: string };

/**
 * Asks journald to take in and write out everything that was sent to it so far, so that a line which the process
 * logged just before it died is in the journal when we read it: what `journalctl --sync` does.
 *
 * @param options `timeoutMs` at most so long, default 250; `socketPath` for another journald.
 * @returns Never rejects: the journal can be read without it.
 */
export function syncJournal(options: { timeoutMs?: number; socketPath?: string } = {}): Promise<JournalSync> {
  const { timeoutMs = 250, socketPath = JOURNALD_SOCKET } = options;
  return new Promise((resolve) => {
    const connection = createConnection(socketPath);
    const end = (result: JournalSync) => {
      clearTimeout(timer);
      connection.destroy();
      resolve(result);
    };
    const fail = (reason: string) => end({ done: false, reason });
    const timer = setTimeout(() => fail(`journald did not answer within ${timeoutMs} ms`), timeoutMs);
    let reply = Buffer.alloc(0);
    connection.on('connect', () => connection.write(CALL));
    connection.on('data', (bytes) => {
      reply = Buffer.concat([reply, bytes]);
      const length = reply.indexOf(0);
      if (length >= 0) end(resultOf(reply.toString('utf8', 0, length)));
      else if (reply.length > MAX_REPLY_BYTES) fail(`journald's answer is over ${MAX_REPLY_BYTES} bytes`);
    });
    connection.on('error', (error) => fail(messageOf(error)));
    connection.on('close', () => fail('journald closed the connection without an answer'));
  });
}

function resultOf(reply: string): JournalSync {
  let message: unknown;
  try {
    message = JSON.parse(reply);
  } catch {
    return { done: false, reason: 'journald answered with something other than JSON' };
  }
  if (typeof message !== 'object' || message === null || !('error' in message)) return { done: true };
  return { done: false, reason: `journald answered ${String(message.error)}` };
}
