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
  readonly #waiting: (() => void)[] = [];
  /** What will have us look again: room for what comes of connections, time for those that are fresh. */
  readonly #asked = new Set<'after' | 'fresh'>();

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
    this.#look();
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
    this.#waiting.push(then);
    this.#look();
  }

  /** Calls those that wait, now or when something has changed: one is told by whoever has no room. */
  #look(): void {
    if (this.#waiting.length === 0) return;
    if (this.hasRoom) {
      for (const then of this.#waiting.splice(0)) then();
      return;
    }
    const why = this.#after.hasRoom ? 'fresh' : 'after';
    if (this.#asked.has(why)) return;
    this.#asked.add(why);
    const again = () => {
      this.#asked.delete(why);
      this.#look();
    };
    if (why === 'after') this.#after.whenRoom(again);
    else setTimeout(again, FRESH_MS).unref();
  }
}
