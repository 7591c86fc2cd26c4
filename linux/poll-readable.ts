import koffi from 'koffi';

/**
 * Calls back whenever a descriptor can be read without waiting, or its other end is gone: libuv's poll in this event
 * loop (epoll(7)). For descriptors that Node itself cannot handle.
 *
 * @returns Ends it. Must be called before the descriptor is closed.
 */
export function pollReadable(fd: number, readable: () => void): () => void {
  const handle = koffi.node.poll(fd, { readable: true }, () => readable());
  return () => handle.close();
}
