import { chmodSync, closeSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import { bind } from '../linux/bind.ts';
import { peerCredentials } from '../linux/getsockopt.ts';
import { listen } from '../linux/listen.ts';
import { pollReadable } from '../linux/poll-readable.ts';
import { setNonDumpable, setThreadName } from '../linux/prctl.ts';
import { recvmsg } from '../linux/recvmsg.ts';
import { sendmsg } from '../linux/sendmsg.ts';
import { socket } from '../linux/socket.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { MAX_KERNEL_ARGUMENTS_BYTES, parseKernelArguments } from '../protocol/kernel-arguments.ts';
import { acceptWhileRoom } from './accept-while-room.ts';
import { captureFromPipe } from './capture-from-pipe.ts';
import type { Finishing } from './finisher.ts';
import { kernelLog } from './kernel-log.ts';
import { peekHead } from './peek-head.ts';
import { Steps } from './steps.ts';

/** Name of the socket in the run directory. */
export const RESIDENT_SOCKET = 'resident.sock';
/** Crashes at one instant that wait to be accepted; the kernel cuts it to net.core.somaxconn. */
const BACKLOG = 4096;
/** What the handover program is told: see client/handover/. */
const ACCEPTED = Buffer.from('A');
const RELEASED = Buffer.from('R');

/**
 * The client that is there before the crash: the handover program, which the kernel starts in a millisecond, passes it
 * the core's pipe. What it does with it is what a client that the kernel starts does, through the same code, without
 * the start of a Node process in which a dead process would be held.
 *
 * One crash is captured after the other: each takes milliseconds, and the others wait in the socket's queue. Where this
 * process is gone, hangs or dies midway, the handover program becomes an ordinary client.
 *
 * @param finishing Is given every captured crash.
 * @returns Ends it; what is captured by then is finished.
 */
export function startResident(runDir: string, finishing: Finishing): () => void {
  setNonDumpable();
  setThreadName('usercrash-client');
  const path = join(runDir, RESIDENT_SOCKET);
  const listener = socket('seqpacket', { nonBlocking: true });
  const own = asRoot(() => {
    rmSync(path, { force: true });
    bind(listener, path);
    chmodSync(path, 0o600);
    return statSync(path).ino;
  });
  listen(listener, BACKLOG);
  const connections = new Map<number, () => void>();
  const close = (fd: number) => {
    connections.get(fd)?.();
    connections.delete(fd);
    closeSync(fd);
  };
  const take = (fd: number) => {
    try {
      handle(fd, finishing);
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return; // Woken for nothing: it has not spoken yet.
      // The handover program has become a client already: the crash is that one's.
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET'))
        kernelLog('error', `resident client: not collected: ${messageOf(error)}`);
    }
    close(fd);
  };
  const endListening = acceptWhileRoom(listener, finishing, (fd) => {
    connections.set(
      fd,
      pollReadable(fd, () => take(fd)),
    );
  });
  return () => {
    endListening();
    closeSync(listener);
    // Where our server was killed the next one may have started another of us by now.
    asRoot(() => {
      if (statSync(path, { throwIfNoEntry: false })?.ino === own) rmSync(path);
    });
    for (const fd of [...connections.keys()]) close(fd);
  };
}

/** One crash, from the handover program's message to its release. */
function handle(fd: number, finishing: Finishing): void {
  const steps = new Steps(process.hrtime.bigint());
  const message = recvmsg(fd, MAX_KERNEL_ARGUMENTS_BYTES);
  if (message === null) return;
  const [pipe, pidfd = null, ...others] = message.descriptors;
  let isOurs = false;
  try {
    if (peerCredentials(fd).uid !== 0 || pipe === undefined || others.length > 0 || message.isTruncated) {
      throw new Error('not what the handover program sends');
    }
    const words = message.body.toString('utf8').split('\0').slice(0, -1);
    const kernelWords = { ...parseKernelArguments(words), pidfd };
    // From here on the handover program does not take over any more; where it has already, this fails with EPIPE.
    sendmsg(fd, ACCEPTED);
    isOurs = true;
    // The handover program becomes the default handler in the end, and gives it this pipe.
    const readHead = kernelWords.defaultHandler === null ? {} : { readHead: peekHead };
    const crash = captureFromPipe(pipe, kernelWords, {
      steps,
      ...readHead,
      repeatOf: (quickKey) => finishing.repeatOf(quickKey),
    });
    tell(fd, RELEASED);
    finishing.add({ ...crash, steps: steps.data, mode: 'pipe' });
  } finally {
    if (!isOurs) for (const descriptor of message.descriptors) closeSync(descriptor);
  }
}

/** Says something that nobody needs to hear: the handover program may have given up waiting. */
function tell(fd: number, word: Buffer): void {
  try {
    sendmsg(fd, word);
  } catch (error) {
    if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) throw error;
  }
}
