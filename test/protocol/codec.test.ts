import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CrashEvent,
  decodeMessage,
  encodeMessage,
  FrameError,
  isCrashEvent,
  MAX_FRAME_BYTES,
  Reason,
} from '../../protocol/codec.ts';
import { crashIdOf, isCrashId } from '../../protocol/crash-id.ts';
import { usercrash } from '../../protocol/usercrash.gen.js';
import { randomFrom } from '../random.ts';

const EVENT: CrashEvent = {
  crashId: crashIdOf({ bootId: 'e'.repeat(32), pid: 4242, startTicks: 987_654, atUs: 1_763_678_157_123_456 }),
  atUs: 1_763_678_157_123_456,
  pid: 4242,
  tid: 4245,
  uid: 4_294_967_294,
  gid: 1000,
  signal: 11,
  signalCode: -6,
  comm: Buffer.from([0xff, 0x20, 0x0a, 0x41]),
  executable: Buffer.from("/tmp/a b/it's;touch x;\n"),
  quickKey: '0123456789abcdef',
  dumpable: 1,
  mode: 'pipe',
  unit: Buffer.from('app.service'),
  repeatOf: `${'a'.repeat(32)}-4240-1-1763678157000000`,
  excludedBy: 'unit:app*',
};

function reasonOf(bytes: Buffer): Reason {
  try {
    decodeMessage(bytes);
  } catch (error) {
    assert.ok(error instanceof FrameError);
    return error.reason;
  }
  return assert.fail('was understood');
}

test('decodeMessage() gives back what encodeMessage() was given, bytes included', () => {
  const message = decodeMessage(encodeMessage('crashEvent', EVENT));
  assert.ok(message.name === 'crashEvent');
  const { comm, executable, unit, ...rest } = message.value;
  assert.deepEqual({ ...rest }, (({ comm: _c, executable: _e, unit: _u, ...others }) => others)(EVENT));
  assert.deepEqual(Buffer.from(comm), EVENT.comm);
  assert.deepEqual(Buffer.from(executable), EVENT.executable);
  assert.deepEqual(Buffer.from(unit), EVENT.unit);
});

test('decodeMessage() fills what was not sent with defaults', () => {
  const bytes = Buffer.from(usercrash.Frame.encode({ version: 1, completed: {} }).finish());
  const message = decodeMessage(bytes);
  assert.ok(message.name === 'completed');
  assert.equal(message.value.signature, '');
  assert.equal(message.value.analysisMs, 0);
});

test('decodeMessage() passes over fields that it does not know', () => {
  // Field 1000, length-delimited, inside the frame: (1000 << 3 | 2) as a varint is c2 3e.
  const unknown = Buffer.from([0xc2, 0x3e, 3, 1, 2, 3]);
  const message = decodeMessage(
    Buffer.concat([encodeMessage('aborted', { noRoom: true, reason: 'r' }), unknown]),
  );
  assert.equal(message.name, 'aborted');
});

test('decodeMessage() refuses a message that it does not know, an oversize frame, a version 0 and garbage', () => {
  const unknownMessage = Buffer.from([0x08, 1, 0xc2, 0x3e, 1, 0]);
  assert.equal(reasonOf(unknownMessage), Reason.UNKNOWN_MESSAGE);
  assert.equal(reasonOf(Buffer.alloc(MAX_FRAME_BYTES + 1)), Reason.FRAME_TOO_LARGE);
  const versionless = Buffer.from(usercrash.Frame.encode({ aborted: { reason: '' } }).finish());
  assert.equal(reasonOf(versionless), Reason.VERSION);
  assert.equal(reasonOf(Buffer.from([0xff, 0xff, 0xff])), Reason.MALFORMED);
});

test('decodeMessage() answers every cut and every damaged frame with a message or a FrameError', () => {
  const whole = encodeMessage('crashEvent', EVENT);
  const seed = 20261121;
  const random = randomFrom(seed);
  const inputs: Buffer[] = [];
  for (let length = 0; length < whole.length; length += 1) inputs.push(whole.subarray(0, length));
  for (let round = 0; round < 20_000; round += 1) {
    const damaged = Buffer.from(whole);
    for (let flips = 1 + random(4); flips > 0; flips -= 1) {
      damaged[random(damaged.length)] = random(256);
    }
    inputs.push(damaged);
  }
  for (const input of inputs) {
    try {
      decodeMessage(input);
    } catch (error) {
      assert.ok(error instanceof FrameError, `seed ${seed}, input ${input.toString('hex')}: ${error}`);
    }
  }
});

test('isCrashId() takes only what is safe in a file name', () => {
  assert.equal(isCrashId(EVENT.crashId), true);
  for (const wrong of ['', '..', `${EVENT.crashId}/x`, `../${EVENT.crashId}`, EVENT.crashId.toUpperCase()]) {
    assert.equal(isCrashId(wrong), false, wrong);
  }
});

test('isCrashEvent() takes only a time that has a date', () => {
  assert.equal(isCrashEvent(EVENT), true);
  for (const atUs of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e16]) {
    assert.equal(isCrashEvent({ ...EVENT, atUs }), false, String(atUs));
  }
  assert.equal(isCrashId(`${'0'.repeat(32)}-1-1-${'9'.repeat(17)}`), false);
});
