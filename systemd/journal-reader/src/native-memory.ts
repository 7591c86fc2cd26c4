import koffi from 'koffi';

const libc = koffi.load(null);
const memcpy: (to: number, from: number, bytes: number) => void = libc.func(
  'void memcpy(uintptr_t to, uintptr_t from, size_t bytes)',
);
const free: (address: number) => void = libc.func('void free(uintptr_t address)');

/** Where libsystemd writes its results: eight words of 64 bits, for as long as the module lives. */
const words = new BigUint64Array(8);
const wordsAt = Number(koffi.address(words));

/** Address of result word `index`, to be given to libsystemd. */
export function resultAddress(index: number): number {
  return wordsAt + index * 8;
}

/**
 * What libsystemd wrote into result word `index`, an address, a length or a time: exact below 2^53, and no process has
 * an address above that. Read it before the next call.
 */
export function result(index: number): number {
  return Number(words[index] ?? 0n);
}

/** All 64 bits of result word `index`. */
export function resultWord(index: number): bigint {
  return words[index] ?? 0n;
}

/** Clears a result word: a function may leave the upper half of it alone on 32-bit machines. */
export function clearResult(index: number): void {
  words[index] = 0n;
}

const names = new Map<string, { bytes: Buffer; address: number }>();
/** Names come from the caller's source code; this stops one that makes them up from filling the memory. */
const MAX_NAMES = 4096;

/** Address of `name` as a C string. The string lives on, so that reading one field costs no allocation. */
export function nameAddress(name: string): number {
  let known = names.get(name);
  if (known === undefined) {
    if (names.size >= MAX_NAMES) names.clear();
    const bytes = Buffer.from(`${name}\0`, 'latin1');
    known = { bytes, address: Number(koffi.address(bytes)) };
    names.set(name, known);
  }
  return known.address;
}

/** A C string that libsystemd allocated for us, which is freed. */
export function takeString(address: number): string {
  const text: string = koffi.decode.string(address);
  free(address);
  return text;
}

/** A C string that stays libsystemd's. */
export function readString(address: number): string {
  return koffi.decode.string(address);
}

/**
 * Collects bytes out of libsystemd's memory, which is only good until the next call. One for the whole module: it is
 * filled and taken within one synchronous read.
 */
class Collector {
  #buffer: Buffer = Buffer.alloc(64 * 1024);
  #address = Number(koffi.address(this.#buffer));
  /** Bytes collected so far. */
  length = 0;

  append(from: number, bytes: number): void {
    if (this.length + bytes > this.#buffer.length) this.#grow(this.length + bytes);
    memcpy(this.#address + this.length, from, bytes);
    this.length += bytes;
  }

  /** The collected bytes as a Buffer of their own; the collector is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.length));
    this.length = 0;
    // One huge field must not keep its size for ever.
    if (this.#buffer.length > 1024 * 1024) this.#replace(Buffer.alloc(64 * 1024));
    return taken;
  }

  /** First position of `byte` from `from` on, -1 where there is none. */
  indexOf(byte: number, from: number): number {
    const at = this.#buffer.indexOf(byte, from);
    return at < this.length ? at : -1;
  }

  /** Collected bytes as text. */
  latin1(start: number, end: number): string {
    return this.#buffer.toString('latin1', start, end);
  }

  #grow(needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#replace(larger);
  }

  #replace(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#address = Number(koffi.address(buffer));
  }
}

/** See {@link Collector}. */
export const collector = new Collector();
