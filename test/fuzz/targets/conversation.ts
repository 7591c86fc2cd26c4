import assert from 'node:assert/strict';
import { closeSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect } from '../../../linux/connect.ts';
import { recvmsg } from '../../../linux/recvmsg.ts';
import { sendmsg } from '../../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../../linux/setsockopt.ts';
import { socket } from '../../../linux/socket.ts';
import { hasErrno } from '../../../linux/system-call-error.ts';
import { decodeMessage, MAX_FRAME_BYTES } from '../../../protocol/codec.ts';
import { startTestServer, type TestServer, testDirectories, testEvent } from '../../server/test-server.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { packetsIn } from '../packets.ts';

/** An answer comes in milliseconds, on a machine with nothing else to do. */
const ANSWER_MS = 15_000;
const SERVER = join(import.meta.dirname, '../../../bin/usercrash-server.ts');
const MAX_SERVER_KIB = 256 * 1024;

const endings: (() => unknown)[] = [];
let running: Promise<TestServer> | null = null;

/** Clients that say anything, to a real server on its real socket. */
export const conversation: FuzzTarget = {
  name: 'conversation',
  limitMs: 20_000,
  testCases: 150,
  async check(input) {
    running ??= start();
    const server = await running;
    await setImmediate(); // What it logs has to be read, or it waits for that.
    const fd = socket('seqpacket', { nonBlocking: false });
    try {
      setSocketTimeout(fd, ANSWER_MS);
      connect(fd, server.socket);
      for (const packet of packetsIn(input)) if (!say(fd, packet)) break;
    } finally {
      closeSync(fd);
    }
    assert.equal(server.process.exitCode, null, server.log.join('\n'));
  },
  async close() {
    const server = await running;
    try {
      if (server !== null) assertSound(server);
    } finally {
      for (const end of endings) await end();
    }
  },
};

async function start(): Promise<TestServer> {
  const t = {
    after(end?: unknown) {
      if (typeof end === 'function') endings.push(() => end());
    },
  };
  const directories = testDirectories(t);
  const program = join(directories.runDir, '../server');
  // Ends with this thread, also where that is ended because an answer never came.
  const command = `exec setpriv --pdeathsig KILL '${process.execPath}' '${SERVER}' "$@"`;
  writeFileSync(program, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  // An analysis of what a fuzzer has captured is a client that fails: one at a time is enough.
  return startTestServer(t, directories, { program, args: ['--analyses', '1'] });
}

/** Says one thing, with descriptors that nobody may want, and hears the answer. @returns Whether the conversation goes on. */
function say(fd: number, packet: Buffer): boolean {
  try {
    sendmsg(
      fd,
      packet,
      Array.from({ length: packet.length % 6 }, () => fd),
    );
    const answer = recvmsg(fd, MAX_FRAME_BYTES);
    if (answer === null) return false;
    for (const descriptor of answer.descriptors) closeSync(descriptor);
    // What the server says can be read, whatever it was asked.
    return decodeMessage(answer.body).name !== 'refused';
  } catch (error) {
    if (hasErrno(error, 'EPIPE', 'ECONNRESET', 'EMSGSIZE')) return false;
    throw error;
  }
}

/** It still does its work, and has kept nothing of the others'. */
function assertSound(server: TestServer): void {
  const connection = server.connect();
  const crashId = `${'e'.repeat(32)}-1-1-${Date.now()}`;
  connection.send('crashEvent', testEvent({ crashId }));
  const { descriptors } = connection.receive(['reportGranted'], ANSWER_MS);
  for (const fd of descriptors) {
    writeSync(fd, 'x');
    closeSync(fd);
  }
  connection.send('captured', { coreBytes: 0, heldMs: 1, files: [] });
  connection.receive(['analysisGranted', 'analysisDeferred'], ANSWER_MS);
  connection.close();
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'latin1');
  const peakKib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
  assert.ok(peakKib < MAX_SERVER_KIB, `the server took ${peakKib} KiB`);
  const open = readdirSync(`/proc/${server.process.pid}/fd`).length;
  assert.ok(open < 64, `the server has ${open} descriptors open`);
}
