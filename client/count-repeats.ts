import { messageOf } from '../errors/usercrash-error.ts';
import { type CrashEvent, MAX_FRAME_BYTES } from '../protocol/codec.ts';
import { ANSWER_TIMEOUT_MS } from '../protocol/conversation.ts';
import type { ServerConnection } from '../protocol/server-connection.ts';
import { connectToServer } from './connect-to-server.ts';
import { keepEvent } from './keep-event.ts';
import { kernelLog } from './kernel-log.ts';

/** Of an event in a message: all but its texts, at most. */
const NUMBERS_BYTES = 512;

/**
 * Has crashes counted that repeat others: by the server, many with one message, or where there is none by the next one. Never
 * throws: what can be told to nobody is in the kernel's log.
 */
export function countRepeats(runDir: string, events: readonly CrashEvent[]): void {
  for (const crashes of packets(events)) {
    let server: ServerConnection | null = null;
    try {
      server = connectToServer(runDir);
      server.send('repeats', { crashes });
      server.receive(['counted'], ANSWER_TIMEOUT_MS);
    } catch (error) {
      for (const event of crashes) keep(runDir, event, messageOf(error));
    } finally {
      server?.close();
    }
  }
}

/** As many as one message carries. */
function* packets(events: readonly CrashEvent[]): Iterable<CrashEvent[]> {
  let packet: CrashEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const more = NUMBERS_BYTES + event.comm.length + event.executable.length + event.unit.length;
    if (bytes + more > MAX_FRAME_BYTES && packet.length > 0) {
      yield packet;
      packet = [];
      bytes = 0;
    }
    packet.push(event);
    bytes += more;
  }
  if (packet.length > 0) yield packet;
}

function keep(runDir: string, event: CrashEvent, why: string): void {
  try {
    keepEvent(runDir, event);
  } catch (error) {
    const { pid, signal } = event;
    kernelLog(
      'error',
      `pid ${pid}, signal ${signal}: not collected: ${messageOf(error)}, without the server: ${why}`,
    );
  }
}
