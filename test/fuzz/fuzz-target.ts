import type { Mutation } from './mutate.ts';

/** Something that reads bytes which nobody can vouch for. */
export interface FuzzTarget {
  name: string;
  /** The folder of its inputs in corpus/; its name where it says nothing. */
  corpus?: string;
  /**
   * Gives one input to the code under test, and checks what comes of it: no error but the documented ones, and a result
   * that is what its type says: sorted, within its limits.
   *
   * @throws Anything, where that is not so.
   */
  check: (input: Buffer) => void | Promise<void>;
  /** How its inputs are changed, every second time; otherwise, and where it says nothing, by mutate(). */
  change?: Mutation;
  /** Bytes of buffers that one input may cost at most, {@link DEFAULT_MEMORY_BYTES} where it says nothing. */
  memoryBytes?: number;
  /** Milliseconds that one input may take at most, {@link DEFAULT_LIMIT_MS} where it says nothing. */
  limitMs?: number;
  /** Ends what `check` keeps open. */
  close?: () => void | Promise<void>;
}

/** An input is at most 256 KiB: who takes 64 MiB for it has believed a size in it. */
export const DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024;
/** On a busy machine; most take microseconds. */
export const DEFAULT_LIMIT_MS = 2_000;

/** The name of the folder with a target's inputs. */
export function corpusOf({ name, corpus = name }: FuzzTarget): string {
  return corpus;
}
