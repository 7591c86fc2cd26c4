import type { FollowLimits } from './follow-pointers.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { StackPolicy } from './plan-stack.ts';

/**
 * How much of a thread to take. What each figure costs is KiB of small core in programs of test/corpus; what half and twice of
 * it would change stands in bench/results/policy.md, what was given up in docs/decisions/014.
 */
export interface ThreadPolicy {
  label: string;
  stack: StackPolicy;
  /** Of the stack from sp on, what is looked through for pointers by `near`; the rest by `far`. */
  nearBytes: number;
  near: FollowPolicy;
  far: FollowPolicy;
  /** Around each register's target. */
  registerBytes: number;
  /** Below the thread control block: thread-local variables. */
  threadLocalBytes: number;
  /** Whether what thread-local variables point to is taken, too. */
  followsThreadLocals: boolean;
  /** Whether stacks that registers point to are taken, too: a coroutine's that waits. */
  seesStacks: boolean;
}

/** `maxBytes`: of the core, for all that is reached so. */
export type FollowPolicy = Pick<FollowLimits, 'behindBytes' | 'blockBytes'> & { maxBytes: number };

/**
 * What arguments and locals of outer frames point to: a string of 200 characters, as gdb prints it, or a small structure.
 * Nothing in most programs, whose stack is all near; 128 KiB in a recursion in which each frame has a string of its own.
 */
const FAR: FollowPolicy = { behindBytes: [256], blockBytes: [256], maxBytes: 128 * 1024 };

/** The thread that died: its arguments and locals, and what they point to, are what a report is read for. */
export const CRASHED_THREAD: ThreadPolicy = {
  label: 'the crashed thread',
  // Most stacks are smaller, 4 to 15 KiB; of a recursion 64 KiB are 250 to 500 frames of an ordinary function.
  stack: { wholeBytes: 64 * 1024, maxWholeBytes: 256 * 1024 },
  // 30 to 100 frames. With 64 KiB nothing more would be equal, and Go would take 21 KiB more.
  nearBytes: 16 * 1024,
  near: {
    // The second level costs 14 (C++), 27 (Go) and 63 KiB (Rust); a third 46, 13 and 83, and in Python 1.5 MiB and 10 ms.
    behindBytes: [1024, 512],
    // gdb prints 200 elements of an array or a vector, and a std::string has 32 bytes: 2 to 16 KiB.
    blockBytes: [200 * 32 + 64, 2048],
    maxBytes: Number.POSITIVE_INFINITY,
  },
  far: FAR,
  // What registers lead to is often looked at around it as well: 3 to 7 KiB more than with 512.
  registerBytes: PAGE_BYTES,
  // Those of the executable and its libraries lie right below the control block: most programs have less than 1 KiB.
  threadLocalBytes: 4096,
  // The exception that C++ is handling, variables of libraries that were loaded later: 10 to 15 KiB, in Rust 67.
  followsThreadLocals: true,
  seesStacks: true,
};

/** Any other. Ten of them take 42 KiB of stacks, 13 for registers and 16 for what their stacks point to. */
export const OTHER_THREAD: ThreadPolicy = {
  label: 'other threads',
  // Most wait within 2 KiB of their stack's beginning; 16 KiB are enough for all but recursion and large arrays.
  stack: { wholeBytes: 16 * 1024, maxWholeBytes: 64 * 1024 },
  // 8 frames of one that waits.
  nearBytes: 2 * 1024,
  near: { behindBytes: [512, 256], blockBytes: [512, 256], maxBytes: Number.POSITIVE_INFINITY },
  // One that is deep shall not take the others' share.
  far: { ...FAR, maxBytes: 16 * 1024 },
  // The structure that a waiting call was given.
  registerBytes: 512,
  // errno, and most of what else there is; the same page as the control block, so that it costs no further read.
  threadLocalBytes: 1024,
  followsThreadLocals: false,
  seesStacks: false,
};

/** From so many on, most threads do the same. */
export const MANY_THREADS = 100;

/** Any other of {@link MANY_THREADS}: a second level of pointers would cost 20 µs and 1 KiB a thread. */
export const ONE_OF_MANY: ThreadPolicy = {
  ...OTHER_THREAD,
  near: { behindBytes: [512], blockBytes: [512], maxBytes: Number.POSITIVE_INFINITY },
  registerBytes: 256,
};
