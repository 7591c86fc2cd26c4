import { openSync } from 'node:fs';
import { connect } from '../../linux/connect.ts';
import { recvmsg } from '../../linux/recvmsg.ts';
import { sendmsg } from '../../linux/sendmsg.ts';
import { setSocketTimeout } from '../../linux/setsockopt.ts';
import { socket } from '../../linux/socket.ts';
import { hasErrno, SystemCallError } from '../../linux/system-call-error.ts';

/**
 * As the user that is named, or as root, says to a resident client what the handover program says, and prints what came of it:
 * `accepted`, `refused`, or why it could not be said.
 */
const [path = '', words = '', uid = '0'] = process.argv.slice(2);
const pipe = openSync('/dev/null', 'r');
// Now, and not by whoever starts this: the checkout may be one that only root can read.
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
try {
  const fd = socket('seqpacket', { nonBlocking: false });
  setSocketTimeout(fd, 10_000);
  connect(fd, path);
  sendmsg(fd, Buffer.from(words.replaceAll(' ', '\0')), [pipe]);
  console.log(recvmsg(fd, 16)?.body.toString() === 'A' ? 'accepted' : 'refused');
} catch (error) {
  if (hasErrno(error, 'ECONNRESET')) console.log('refused');
  else console.log(error instanceof SystemCallError ? error.code : String(error));
}
