import type { FuzzTarget } from '../fuzz-target.ts';

/** What a fuzzer has to notice. */
export const faulty: readonly FuzzTarget[] = [
  {
    name: 'test-throws',
    corpus: 'text',
    check(input) {
      if (input.length > 2) throw new Error('on purpose');
    },
  },
  {
    name: 'test-breaks',
    corpus: 'text',
    check: () => undefined,
    change() {
      throw new Error('no input can be made');
    },
  },
  {
    name: 'test-hangs',
    corpus: 'text',
    check(input) {
      while (input.length > 2) performance.now();
    },
  },
  {
    name: 'test-grows',
    corpus: 'text',
    check(input) {
      if (input.length > 2) Buffer.alloc(100 * 1024 * 1024);
    },
  },
];
