import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { acceptWhileRoom } from '../../client/accept-while-room.ts';
import type { Finishing } from '../../client/finisher.ts';
import { bind } from '../../linux/bind.ts';
import { connect } from '../../linux/connect.ts';
import { listen } from '../../linux/listen.ts';
import { socket } from '../../linux/socket.ts';

/** Has room for so many. */
class Room implements Finishing {
  left: number;
  #waits: (() => void)[] = [];

  constructor(left: number) {
    this.left = left;
  }

  get hasRoom(): boolean {
    return this.left > 0;
  }

  whenRoom(then: () => void): void {
    this.#waits.push(then);
  }

  make(count: number): void {
    this.left += count;
    for (const then of this.#waits.splice(0)) then();
  }

  add(): void {
    throw new Error('nothing is captured here');
  }

  repeatOf(): null {
    return null;
  }
}

test('acceptWhileRoom() leaves in the queue what there is no room for, and takes it when there is', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-accept-'));
  const listener = socket('seqpacket', { nonBlocking: true });
  bind(listener, join(directory, 's'));
  listen(listener, 16);
  const room = new Room(2);
  const accepted: number[] = [];
  const end = acceptWhileRoom(listener, room, (fd) => {
    accepted.push(fd);
    room.left -= 1;
  });
  const clients = Array.from({ length: 5 }, () => socket('seqpacket', { nonBlocking: true }));
  t.after(() => {
    end();
    for (const fd of [...accepted, ...clients, listener]) closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  for (const fd of clients) connect(fd, join(directory, 's'));
  const turns = async () => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  await turns();
  assert.equal(accepted.length, 2);
  room.make(1);
  await turns();
  assert.equal(accepted.length, 3);
  room.make(10);
  await turns();
  assert.equal(accepted.length, 5);
});
