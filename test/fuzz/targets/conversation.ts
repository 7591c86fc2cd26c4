import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect } from '../../../linux/connect.ts';
import { recvmsg } from '../../../linux/recvmsg.ts';
import { sendmsg } from '../../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../../linux/setsockopt.ts';
import { socket } from '../../../linux/socket.ts';
import { hasErrno } from '../../../linux/system-call-error.ts';
import { decodeMessage, MAX_FRAME_BYTES } from '../../../protocol/codec.ts';
import { MAX_MODULE_FILES } from '../../../server/module-files.ts';
import { startTestServer, type TestServer, testDirectories, testEvent } from '../../server/test-server.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { mutatePackets } from '../mutate-packets.ts';
import { packetsIn } from '../packets.ts';

/** An answer comes in milliseconds, on a machine with nothing else to do. */
const ANSWER_MS = 15_000;
const SERVER = join(import.meta.dirname, '../../../bin/usercrash-server.ts');
const MAX_SERVER_KIB = 256 * 1024;

/** The crash of all conversations in the corpus; each case has one of its own, or all but the first would be refused. */
const CORPUS_CRASH = crashIdIn(readCorpus('conversation'));

/** A crash id begins with as many digits of the boot. */
const BOOT_DIGITS = 32;
/** The first byte behind the version: field 10 of a frame is resumeAnalysis, a message (usercrash.proto). */
const [RESUME_AT, RESUME_TAG] = [2, 0x52];

/** What clients send as files of a crash: one that the server does not open itself. */
const sentFile = openSync(SERVER, 'r');

const endings: (() => unknown)[] = [];
let running: Promise<TestServer> | null = null;
let crashes = 0;
/** Connections that hold what they were granted while the next one talks. */
const held: number[] = [];

/** Clients that say anything, to a real server on its real socket. */
export const conversation: FuzzTarget = {
  name: 'conversation',
  change: mutatePackets,
  limitMs: 20_000,
  async check(input) {
    running ??= start();
    const server = await running;
    await setImmediate(); // What it logs has to be read, or it waits for that.
    const heldBefore = held.splice(0);
    const fd = socket('seqpacket', { nonBlocking: false });
    try {
      setSocketTimeout(fd, ANSWER_MS);
      connect(fd, server.socket);
      crashes += 1;
      for (const packet of packetsIn(input))
        if (!say(fd, withOwnCrash(packet), input.length % 8 !== 7)) break;
    } finally {
      if (input.length % 4 === 0) held.push(fd);
      else closeSync(fd);
      for (const other of heldBefore) closeSync(other);
    }
    assert.equal(server.process.exitCode, null, server.log.join('\n'));
  },
  async close() {
    const server = await running;
    for (const fd of [...held, sentFile]) closeSync(fd);
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

function crashIdIn(inputs: readonly Buffer[]): string {
  return /[0-9a-f]{32}-\d+-\d+-\d+/.exec(Buffer.concat(inputs).toString('latin1'))?.[0] ?? '';
}

/** The packet of the corpus with this case's own crash in it; who resumes means that of the case before. */
function withOwnCrash(packet: Buffer): Buffer {
  const at = packet.indexOf(CORPUS_CRASH);
  if (at === -1) return packet;
  const number = packet[RESUME_AT] === RESUME_TAG ? crashes - 1 : crashes;
  const own = Buffer.from(packet);
  own.write(number.toString(16).padStart(BOOT_DIGITS, '0'), at, 'latin1');
  return own;
}

/**
 * Says one thing, with descriptors that nobody may want, and hears the answer.
 *
 * @param writes Whether something is written to the files that come with it.
 * @returns Whether the conversation goes on.
 */
function say(fd: number, packet: Buffer, writes: boolean): boolean {
  try {
    sendmsg(
      fd,
      packet,
      Array.from({ length: packet.length % 6 }, () => sentFile),
    );
    const answer = recvmsg(fd, MAX_FRAME_BYTES);
    if (answer === null) return false;
    for (const descriptor of answer.descriptors) {
      if (writes) writeIfPossible(descriptor, packet);
      closeSync(descriptor);
    }
    // What the server says can be read, whatever it was asked.
    return decodeMessage(answer.body).name !== 'refused';
  } catch (error) {
    if (hasErrno(error, 'EPIPE', 'ECONNRESET', 'EMSGSIZE')) return false;
    throw error;
  }
}

/** A report, or a capture, of garbage. What comes back with a deferred crash is for reading. */
function writeIfPossible(fd: number, bytes: Buffer): void {
  try {
    writeSync(fd, bytes);
  } catch (error) {
    if (!hasErrno(error, 'EBADF', 'EINVAL', 'EPIPE', 'EAGAIN', 'ENOTCONN', 'EISCONN')) throw error;
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
  const directory = `/proc/${server.process.pid}/fd`;
  const open = readdirSync(directory).map((fd) => linkOf(join(directory, fd)));
  const own = open.filter((link) => link !== SERVER);
  assert.ok(own.length < 64, `the server has ${own.length} descriptors open`);
  // What waits for its report keeps the files that were sent for it.
  assert.ok(open.length - own.length <= 2 * MAX_MODULE_FILES, `the server keeps ${open.length} files`);
}

/** Empty for a descriptor that has been closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}
