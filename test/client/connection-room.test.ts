import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionRoom } from '../../client/coredump-socket/connection-room.ts';

/** For what comes of connections: as much as the test says. */
class After {
  hasRoom = true;
  #waiting: (() => void)[] = [];

  whenRoom(then: () => void): void {
    this.#waiting.push(then);
  }

  make(): void {
    this.hasRoom = true;
    for (const then of this.#waiting.splice(0)) then();
  }
}

/** Enters connections until there is no room. */
function fill(room: ConnectionRoom): object[] {
  const entered: object[] = [];
  while (room.hasRoom) {
    const connection = {};
    room.entered(connection);
    entered.push(connection);
  }
  return entered;
}

test('ConnectionRoom bounds the connections at work, and has room when one has left', () => {
  const room = new ConnectionRoom(new After(), () => 0);
  const [first] = fill(room);
  let calls = 0;
  room.whenRoom(() => {
    calls += 1;
  });
  assert.equal(calls, 0);
  room.left(first ?? {});
  assert.equal(calls, 1);
  room.left({});
  assert.equal(calls, 1);
});

test('ConnectionRoom: those that do not get on hold up nobody', async () => {
  let nowMs = 0;
  const room = new ConnectionRoom(new After(), () => nowMs);
  const stuck = fill(room);
  const woken = new Promise<void>((resolve) => room.whenRoom(resolve));
  nowMs = 1_000;
  await woken;
  assert.equal(room.hasRoom, true);
  assert.equal(fill(room).length, stuck.length);
});

test('ConnectionRoom has no room either where what comes of the connections has none', () => {
  const after = new After();
  const room = new ConnectionRoom(after);
  after.hasRoom = false;
  assert.equal(room.hasRoom, false);
  let calls = 0;
  room.whenRoom(() => {
    calls += 1;
  });
  assert.equal(calls, 0);
  after.make();
  assert.equal(calls, 1);
});

test('ConnectionRoom tells of room also where connections have left while there was none for what comes of them', () => {
  const after = new After();
  const room = new ConnectionRoom(after);
  const entered = fill(room);
  let calls = 0;
  room.whenRoom(() => {
    calls += 1;
  });
  after.hasRoom = false;
  for (const connection of entered) room.left(connection);
  assert.equal(calls, 0);
  after.make();
  assert.equal(calls, 1);
});
