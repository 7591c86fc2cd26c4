import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accept4 } from '../../../linux/accept4.ts';
import { bind } from '../../../linux/bind.ts';
import { listen } from '../../../linux/listen.ts';
import { sendmsg } from '../../../linux/sendmsg.ts';
import { socket } from '../../../linux/socket.ts';
import { hasErrno, SystemCallError } from '../../../linux/system-call-error.ts';
import { FrameError } from '../../../protocol/codec.ts';
import { ServerConnection, ServerRefusedError } from '../../../protocol/server-connection.ts';
import { testEvent } from '../../server/test-server.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { mutatePackets } from '../mutate-packets.ts';
import { packetsIn } from '../packets.ts';

const PATIENCE_MS = 5;
const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
const path = join(directory, 's');
const listener = socket('seqpacket', { nonBlocking: true });
bind(listener, path);
listen(listener, 8);
const descriptor = openSync('/dev/null', 'r');

/** A server that answers anything, with any number of descriptors, to the client's end of the conversation. */
export const serverAnswers: FuzzTarget = {
  name: 'server-answers',
  change: mutatePackets,
  check(input) {
    const openBefore = readdirSync('/proc/self/fd').length;
    const connection = ServerConnection.open(path, PATIENCE_MS);
    const end = accept4(listener, { nonBlocking: true });
    try {
      say(end, packetsIn(input));
      // Sometimes it is gone before it has heard anything.
      if (input.length % 2 === 0) closeSync(end);
      converse(connection);
    } finally {
      if (input.length % 2 === 1) closeSync(end);
      connection.close();
    }
    assert.equal(readdirSync('/proc/self/fd').length, openBefore, 'descriptors stay open');
  },
  close() {
    closeSync(listener);
    closeSync(descriptor);
    rmSync(directory, { recursive: true, force: true });
  },
};

function say(end: number, packets: readonly Buffer[]): void {
  for (const packet of packets) {
    const descriptors = Array.from({ length: packet.length % 6 }, () => descriptor);
    try {
      sendmsg(end, packet, descriptors);
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN', 'EMSGSIZE')) throw error; // As much as the kernel holds for it.
    }
  }
}

/** What a client says and waits for, as far as it comes. */
function converse(connection: ServerConnection): void {
  try {
    connection.send('crashEvent', testEvent());
    const granted = connection.receive(['reportGranted'], PATIENCE_MS);
    for (const fd of granted.descriptors) closeSync(fd);
    connection.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
    const answer = connection.receive(['analysisGranted', 'analysisDeferred'], PATIENCE_MS);
    for (const fd of answer.descriptors) closeSync(fd);
    connection.send('completed', { signature: '', signatureHash: '', analysisMs: 0, heldMs: 0 });
    const published = connection.receive(['published'], PATIENCE_MS);
    for (const fd of published.descriptors) closeSync(fd);
    assert.equal(typeof published.value.textPath, 'string');
  } catch (error) {
    const isDocumented =
      error instanceof ServerRefusedError || error instanceof FrameError || error instanceof SystemCallError;
    if (!isDocumented) throw error;
  }
}
