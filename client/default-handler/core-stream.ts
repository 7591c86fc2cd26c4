import { readSync } from 'node:fs';
import { coreHeadBytes } from '../../capture/core-head-bytes.ts';
import { hasErrno } from '../../linux/system-call-error.ts';

/** A core from its first byte to its last, whatever of it had been read before. */
export class CoreStream {
  readonly #sources: number[];
  #pushedBack: Buffer = Buffer.alloc(0);

  /** @param sources Descriptors, read one behind the other; they block. */
  constructor(sources: readonly number[]) {
    this.#sources = [...sources];
  }

  /** Fills `into`. @returns How many bytes; fewer than it holds only at the end. */
  read(into: Buffer): number {
    let filled = this.#pushedBack.copy(into);
    this.#pushedBack = this.#pushedBack.subarray(filled);
    while (filled < into.length) {
      const [source] = this.#sources;
      if (source === undefined) break;
      const count = readSome(source, into.subarray(filled));
      filled += count;
      if (count === 0) this.#sources.shift();
    }
    return filled;
  }

  /** The ELF header, the program headers and the notes, which {@link read} gives all the same. */
  peekHead(): Buffer {
    let head: Buffer = Buffer.alloc(0);
    for (let wanted = coreHeadBytes(head); wanted > head.length; wanted = coreHeadBytes(head)) {
      const more = Buffer.allocUnsafeSlow(wanted - head.length);
      const count = this.read(more);
      head = Buffer.concat([head, more.subarray(0, count)]);
      if (count < more.length) break;
    }
    this.#pushedBack = head;
    return head;
  }
}

function readSome(fd: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, into, 0, into.length, null);
    } catch (error) {
      // A dump that is interrupted ends without ceremony.
      if (hasErrno(error, 'ECONNRESET')) return 0;
      if (!hasErrno(error, 'EINTR')) throw error;
    }
  }
}
