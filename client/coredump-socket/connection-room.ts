import type { Room } from '../accept-while-room.ts';

/** Connections on which the kernel is at work, at once: each holds the beginning of its core. */
const MAX_FRESH = 16;
/** The kernel has everything at hand; whoever takes longer (a frozen process) holds up nobody else. */
const FRESH_MS = 100;

/** Room for another connection: for its beginning here, and for what comes of it. */
export class ConnectionRoom implements Room {
  readonly #after: Room;
  readonly #now: () => number;
  /** When each that is not over was accepted, the oldest first; those that are not fresh any more are left out. */
  readonly #fresh = new Map<object, number>();
  #waiting: (() => void)[] = [];

  /**
   * @param after For what comes of the connections.
   * @param now Milliseconds on a clock that nobody sets.
   */
  constructor(after: Room, now: () => number = () => performance.now()) {
    this.#after = after;
    this.#now = now;
  }

  entered(connection: object): void {
    this.#fresh.set(connection, this.#now());
  }

  left(connection: object): void {
    this.#fresh.delete(connection);
    this.#tell();
  }

  get hasRoom(): boolean {
    const sinceMs = this.#now() - FRESH_MS;
    for (const [connection, atMs] of this.#fresh) {
      if (atMs > sinceMs) break;
      this.#fresh.delete(connection);
    }
    return this.#fresh.size < MAX_FRESH && this.#after.hasRoom;
  }

  whenRoom(then: () => void): void {
    if (!this.#after.hasRoom) {
      this.#after.whenRoom(() => this.whenRoom(then));
      return;
    }
    if (this.hasRoom) {
      then();
      return;
    }
    this.#waiting.push(then);
    setTimeout(() => this.#tell(), FRESH_MS).unref();
  }

  #tell(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0 || !this.hasRoom) return;
    this.#waiting = [];
    for (const then of waiting) then();
  }
}
