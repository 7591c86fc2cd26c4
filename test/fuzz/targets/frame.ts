import assert from 'node:assert/strict';
import { decodeMessage, encodeMessage, FrameError, type Message } from '../../../protocol/codec.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** One packet of the server's protocol. */
export const frame: FuzzTarget = {
  name: 'frame',
  check(input) {
    let message: Message;
    try {
      message = decodeMessage(input);
    } catch (error) {
      if (error instanceof FrameError) return;
      throw error;
    }
    assertPlain(message.value);
    // What was understood can be said again, and means the same.
    const again = decodeMessage(encodeMessage(message.name, message.value as never));
    assert.deepEqual(again, decodeMessage(encodeMessage(again.name, again.value as never)));
  },
};

/** Numbers, texts, bytes, and lists of messages that have nothing else. */
function assertPlain(message: object): void {
  for (const value of Object.values(message)) {
    if (Array.isArray(value)) {
      for (const element of value) assertPlain(element);
      continue;
    }
    const isPlain = ['number', 'string', 'boolean'].includes(typeof value) || value instanceof Uint8Array;
    assert.ok(isPlain, `a field is ${typeof value}`);
  }
}
