/** One of the things that `enable` does in order, and that `disable` takes back in the opposite order. */
export interface Step {
  /** What is done, in words for the terminal. */
  name: string;
  /** Whether there is nothing to do. */
  isDone(): boolean | Promise<boolean>;
  /** May be interrupted anywhere, also by SIGKILL: done again, it ends the same. */
  do(): void | Promise<void>;
  /** Whether there is nothing to take back. */
  isUndone(): boolean | Promise<boolean>;
  /** As {@link do}; also of what is half done. */
  undo(): void | Promise<void>;
}
