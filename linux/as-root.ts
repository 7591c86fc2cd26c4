/** How the thread that calls takes its rights back, and puts them down again. */
export interface Rights {
  raise(): void;
  lower(): void;
}

/** Null where this thread has put nothing down: then it has what it has. */
let rights: Rights | null = null;
let isRaised = false;

/**
 * Does something with root's rights, in a thread that has put them down (lower-rights.ts) and runs as nobody in particular before and
 * after. What is done is to be an open, a connect, a start of a program: nothing that looks at what it gets.
 *
 * @param act Must not be asynchronous: what runs later, or in another thread, has no more rights than this one.
 * @returns What `act` returned.
 */
export function asRoot<Value>(act: () => Value): Value {
  if (rights === null || isRaised) return act();
  rights.raise();
  isRaised = true;
  try {
    return act();
  } finally {
    isRaised = false;
    rights.lower();
  }
}

/** What {@link asRoot} does from now on in this thread; null for nothing. */
export function setRights(own: Rights | null): void {
  rights = own;
}
