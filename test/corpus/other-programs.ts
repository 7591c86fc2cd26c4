import type { CorpusProgram, ExplainedDifference } from './corpus-program.ts';

const TREE: ExplainedDifference[] = [
  {
    ...{ thread: 1, level: 10, function: 'lookup', what: 'frame' },
    shows: /^lookup \(prices=std::map with 1000 elements = \{.*<error reading variable: Cannot access memory/,
    why: '200 of 1,000 entries of a tree: pointers are followed two deep',
  },
];

export const CXX_PROGRAMS: readonly CorpusProgram[] = [
  { source: 'exception.cc', signal: 'SIGABRT' },
  { name: 'exception-O2', source: 'exception.cc', flags: ['-O2'], signal: 'SIGABRT' },
  { name: 'exception-static', source: 'exception.cc', flags: ['-static'], signal: 'SIGABRT' },
  { name: 'exception-i386', source: 'exception.cc', flags: ['-m32'], signal: 'SIGABRT' },
  { source: 'exception-thread.cc', signal: 'SIGABRT' },
  { source: 'deep-exception.cc', signal: 'SIGABRT' },
  { source: 'noexcept.cc', signal: 'SIGABRT' },
  { source: 'pure-virtual.cc', signal: 'SIGABRT' },
  { source: 'deleted-object.cc', signal: 'SIGSEGV' },
  { source: 'containers.cc', signal: 'SIGSEGV' },
  { source: 'ordered-map.cc', flags: ['-O2'], explained: TREE, signal: 'SIGABRT' },
  { source: 'big-vector.cc', signal: 'SIGSEGV' },
  { source: 'templates.cc', signal: 'SIGSEGV' },
  { name: 'templates-lto', source: 'templates.cc', flags: ['-O1', '-flto'], signal: 'SIGSEGV' },
  {
    ...{ name: 'templates-static-pie', source: 'templates.cc', signal: 'SIGSEGV' },
    flags: ['-static-pie', '-gsplit-dwarf'],
  },
  { source: 'before-main.cc', signal: 'SIGSEGV' },
  { source: 'out-of-memory.cc', signal: 'SIGABRT' },
];

export const RUST_PROGRAMS: readonly CorpusProgram[] = [
  { name: 'rust-panic', source: 'panic.rs', signal: 'SIGABRT' },
  { name: 'rust-panic-O', source: 'panic.rs', flags: ['-O'], signal: 'SIGABRT' },
  { name: 'rust-panic-lto', source: 'panic.rs', flags: ['-O', '-C', 'lto'], signal: 'SIGABRT' },
  { name: 'rust-bounds', source: 'bounds.rs', signal: 'SIGABRT' },
  { name: 'rust-overflow', source: 'overflow.rs', signal: 'SIGABRT' },
  { name: 'rust-collections', source: 'collections.rs', signal: 'SIGSEGV' },
  { name: 'rust-threads', source: 'threads.rs', signal: 'SIGABRT' },
];

const CRASH = { env: { GOTRACEBACK: 'crash' }, signal: 'SIGABRT' } as const;

export const GO_PROGRAMS: readonly CorpusProgram[] = [
  { ...CRASH, name: 'go-nil-map', source: 'nil-map.go' },
  { ...CRASH, name: 'go-stripped', source: 'nil-map.go', flags: ['-ldflags=-s -w'] },
  { ...CRASH, name: 'go-nil-pointer', source: 'nil-pointer.go' },
  { ...CRASH, name: 'go-goroutines', source: 'goroutines.go' },
  { ...CRASH, name: 'go-overflow', source: 'overflow.go' },
  {
    ...CRASH,
    name: 'go-deadlock',
    source: 'deadlock.go',
    // Of 40 runs 38 are the same all the way, of the others some from here on.
    keyVaries: {
      isPart: (index) => index >= 13,
      why: 'the scheduler notices it on one of several ways to its search for work',
    },
  },
  { ...CRASH, name: 'go-deep-panic', source: 'deep-panic.go' },
  { ...CRASH, name: 'go-cgo', source: 'cgo.go' },
];

export const INTERPRETED_PROGRAMS: readonly CorpusProgram[] = [
  { name: 'python', source: 'fault.py', signal: 'SIGSEGV' },
  { name: 'python-faulthandler', source: 'fault.py', flags: ['-X', 'faulthandler'], signal: 'SIGSEGV' },
  { name: 'node', source: 'busy.js', signal: 'SIGABRT' },
];
