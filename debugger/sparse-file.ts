import { ftruncateSync, writeSync } from 'node:fs';

/** Zeros are looked for in pieces of a file system's block. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** A file that takes no room for blocks of zeros: a core is mostly that. */
export class SparseFile {
  readonly #fd: number;
  #length = 0;

  /** @param fd Empty and open for writing; stays the caller's. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** @throws Node's error: ENOSPC. */
  append(bytes: Buffer): void {
    let from = 0;
    for (let at = 0; at < bytes.length; ) {
      // To the next border of a block in the file.
      const end = Math.min(bytes.length, at + BLOCK_BYTES - ((this.#length + at) % BLOCK_BYTES));
      const isHole = end - at === BLOCK_BYTES && ZEROS.equals(bytes.subarray(at, end));
      if (isHole) {
        this.#write(bytes.subarray(from, at), from);
        from = end;
      }
      at = end;
    }
    this.#write(bytes.subarray(from), from);
    this.#length += bytes.length;
  }

  /** Gives the file its length, which the last hole does not. */
  end(): void {
    ftruncateSync(this.#fd, this.#length);
  }

  #write(bytes: Buffer, offset: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#length + offset + done);
    }
  }
}
