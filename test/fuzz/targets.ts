import type { FuzzTarget } from './fuzz-target.ts';

/** Targets of one file: what is known of them before they are loaded. */
export interface TargetFile {
  names: readonly string[];
  /** Inputs of each in the short run that is part of the tests; {@link DEFAULT_TEST_CASES} where it says nothing. */
  testCases?: number;
  /** Loads them; what they work with (files, sockets) is made by that. */
  load: () => Promise<readonly FuzzTarget[]>;
}

export const DEFAULT_TEST_CASES = 4_000;

/** Everything that reads what somebody else wrote. */
export const FUZZ_TARGETS: readonly TargetFile[] = [
  {
    names: ['core-head'],
    testCases: 8_000,
    load: async () => [(await import('./targets/core-head.ts')).coreHead],
  },
  {
    names: ['small-core'],
    testCases: 1_000,
    load: async () => [(await import('./targets/small-core.ts')).smallCore],
  },
  {
    names: ['core-file'],
    testCases: 400,
    load: async () => [(await import('./targets/core-file.ts')).coreFile],
  },
  {
    names: ['packed-core'],
    testCases: 400,
    load: async () => [(await import('./targets/packed-core.ts')).packedCore],
  },
  {
    names: [
      'maps',
      'smaps',
      'syscall',
      'stat',
      'status',
      'limits',
      'cgroup',
      'mountinfo',
      'id-map',
      'fdinfo',
    ],
    load: async () => (await import('./targets/proc-files.ts')).procFiles,
  },
  { names: ['text'], load: async () => [(await import('./targets/text.ts')).text] },
  { names: ['elf-file'], load: async () => [(await import('./targets/elf-file.ts')).elfFile] },
  {
    names: ['kernel-arguments'],
    load: async () => [(await import('./targets/kernel-arguments.ts')).kernelArguments],
  },
  { names: ['core-pattern'], load: async () => [(await import('./targets/core-pattern.ts')).corePattern] },
  {
    names: ['ledger-journal', 'process-event', 'kernel-log', 'dying-process'],
    load: async () => (await import('./targets/ledger.ts')).ledger,
  },
  { names: ['gdb-lines'], load: async () => [(await import('./targets/gdb-lines.ts')).gdbLines] },
  {
    names: ['gdb-session'],
    testCases: 40,
    load: async () => [(await import('./targets/gdb-session.ts')).gdbSession],
  },
  { names: ['frame'], testCases: 20_000, load: async () => [(await import('./targets/frame.ts')).frame] },
  {
    names: ['conversation'],
    testCases: 150,
    load: async () => [(await import('./targets/conversation.ts')).conversation],
  },
  {
    names: ['server-answers'],
    testCases: 1_000,
    load: async () => [(await import('./targets/server-answers.ts')).serverAnswers],
  },
  { names: ['record'], testCases: 3_000, load: async () => [(await import('./targets/record.ts')).record] },
  {
    names: ['personal'],
    testCases: 1_000,
    load: async () => [(await import('./targets/personal.ts')).personal],
  },
  {
    names: ['parse-time'],
    load: async () => [(await import('./targets/parse-time.ts')).parseTimes],
  },
  { names: ['history'], load: async () => [(await import('./targets/history.ts')).history] },
];

/** What a fuzzer has to notice: only for the test of the fuzzer itself. */
export const FAULTY_TARGETS: TargetFile = {
  names: ['test-throws', 'test-breaks', 'test-hangs', 'test-grows'],
  load: async () => (await import('./targets/faulty.ts')).faulty,
};
