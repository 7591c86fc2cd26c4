import { closeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { bindNetlink } from '../../../linux/bind.ts';
import { recvmsg } from '../../../linux/recvmsg.ts';
import { sendmsg } from '../../../linux/sendmsg.ts';
import { netlinkSocket } from '../../../linux/socket.ts';
import { socketpair } from '../../../linux/socketpair.ts';
import { CN_IDX_PROC } from '../../../server/ledger/process-event.ts';

/** linux/netlink.h */
const NETLINK_CONNECTOR = 11;

/**
 * A socket of the process connector that outlives servers, as usercrash-dumps.socket does.
 *
 * @returns Gives a descriptor of it for a server, which closes it.
 */
export function heldConnector(t: TestContext): () => number {
  const held = netlinkSocket(NETLINK_CONNECTOR);
  bindNetlink(held, CN_IDX_PROC);
  t.after(() => closeSync(held));
  return () => {
    const [one, other] = socketpair();
    try {
      sendmsg(one, Buffer.from('a descriptor'), [held]);
      const [fd = -1] = recvmsg(other, 100)?.descriptors ?? [];
      return fd;
    } finally {
      for (const end of [one, other]) closeSync(end);
    }
  };
}
