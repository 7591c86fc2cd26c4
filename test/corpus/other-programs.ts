import type { CorpusProgram } from './corpus-program.ts';

const TREE = [
  {
    function: 'lookup',
    what: 'frame',
    why: '200 of 1,000 entries of a tree: pointers are followed two deep',
  },
];

export const CXX_PROGRAMS: readonly CorpusProgram[] = [
  { source: 'exception.cc', signal: 'SIGABRT' },
  { name: 'exception-O2', source: 'exception.cc', flags: ['-O2'], signal: 'SIGABRT' },
  { name: 'exception-static', source: 'exception.cc', flags: ['-static'], signal: 'SIGABRT' },
  { name: 'exception-i386', source: 'exception.cc', flags: ['-m32'], signal: 'SIGABRT' },
  { source: 'exception-thread.cc', signal: 'SIGABRT' },
  { source: 'noexcept.cc', signal: 'SIGABRT' },
  { source: 'pure-virtual.cc', signal: 'SIGABRT' },
  { source: 'deleted-object.cc', signal: 'SIGSEGV' },
  { source: 'containers.cc', signal: 'SIGSEGV' },
  { source: 'ordered-map.cc', flags: ['-O2'], explained: TREE, signal: 'SIGABRT' },
  { source: 'big-vector.cc', signal: 'SIGSEGV' },
  { source: 'templates.cc', signal: 'SIGSEGV' },
  { source: 'before-main.cc', signal: 'SIGSEGV' },
  { source: 'out-of-memory.cc', signal: 'SIGABRT' },
];

export const RUST_PROGRAMS: readonly CorpusProgram[] = [
  { name: 'rust-panic', source: 'panic.rs', signal: 'SIGABRT' },
  { name: 'rust-panic-O', source: 'panic.rs', flags: ['-O'], signal: 'SIGABRT' },
  { name: 'rust-bounds', source: 'bounds.rs', signal: 'SIGABRT' },
  { name: 'rust-overflow', source: 'overflow.rs', signal: 'SIGABRT' },
  { name: 'rust-collections', source: 'collections.rs', signal: 'SIGSEGV' },
  { name: 'rust-threads', source: 'threads.rs', signal: 'SIGABRT' },
];

const CRASH = { env: { GOTRACEBACK: 'crash' }, signal: 'SIGABRT' } as const;

export const GO_PROGRAMS: readonly CorpusProgram[] = [
  { ...CRASH, name: 'go-nil-map', source: 'nil-map.go' },
  { ...CRASH, name: 'go-nil-pointer', source: 'nil-pointer.go' },
  { ...CRASH, name: 'go-goroutines', source: 'goroutines.go' },
  { ...CRASH, name: 'go-overflow', source: 'overflow.go' },
  {
    ...CRASH,
    name: 'go-deadlock',
    source: 'deadlock.go',
    keyVaries: 'any thread of the runtime may be the one that notices',
  },
  { ...CRASH, name: 'go-cgo', source: 'cgo.go' },
];

export const INTERPRETED_PROGRAMS: readonly CorpusProgram[] = [
  { name: 'python', source: 'fault.py', signal: 'SIGSEGV' },
  { name: 'python-faulthandler', source: 'fault.py', flags: ['-X', 'faulthandler'], signal: 'SIGSEGV' },
  { name: 'node', source: 'busy.js', signal: 'SIGABRT' },
];
