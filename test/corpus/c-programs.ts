import type { CorpusProgram, ExplainedDifference } from './corpus-program.ts';

const STRUCTURES = { source: 'structures.c', signal: 'SIGSEGV' } as const;
/** What glibc said before it aborted. */
const MESSAGE = ['(char *)__abort_msg->msg'];
const THREAD_LOCALS = ['context', 'scratch', '*current'];
const IN_GUARD_PAGE = {
  thread: 1,
  level: 0,
  function: 'odd',
  why: 'lies in the guard page: there is no memory, which gdb takes for zeros in the full core',
};
const GUARD_PAGE: ExplainedDifference[] = [
  { ...IN_GUARD_PAGE, what: 'frame', shows: /\(depth=<error reading[^<]*>, text=<error reading[^<]*>\) at/ },
  { ...IN_GUARD_PAGE, what: 'buffer', shows: /^<error reading variable buffer \(Cannot access memory/ },
];
const UNTOUCHED: ExplainedDifference[] = [
  {
    ...{ thread: 1, level: 0, function: '', what: 'numbers', shows: /^$/ },
    why: 'pages of .bss that were never touched are not taken: they are zeros',
  },
];
const I386 = ['-m32'];
const LIBRARY = { source: 'library.c', isLinked: false, hasReplacement: false };

/** C: every signal that dumps, every way to damage a stack or a heap, every way to lay out a process. */
export const C_PROGRAMS: readonly CorpusProgram[] = [
  STRUCTURES,
  { ...STRUCTURES, name: 'structures-stripped', flags: ['-s'] },
  { ...STRUCTURES, name: 'structures-O2', flags: ['-O2'] },
  { ...STRUCTURES, name: 'structures-lto', flags: ['-O2', '-flto'] },
  { ...STRUCTURES, name: 'structures-static', flags: ['-static'] },
  { ...STRUCTURES, name: 'structures-static-pie', flags: ['-static-pie'] },
  { ...STRUCTURES, name: 'structures-no-pie', flags: ['-no-pie'] },
  { ...STRUCTURES, name: 'structures-split-dwarf', flags: ['-gsplit-dwarf'] },
  { source: 'null-write.c', signal: 'SIGSEGV' },
  { source: 'wild-read.c', signal: 'SIGSEGV' },
  { source: 'write-readonly.c', signal: 'SIGSEGV' },
  { source: 'execute-data.c', signal: 'SIGSEGV' },
  { source: 'execute-stack.c', signal: 'SIGSEGV' },
  { source: 'jump-to-null.c', signal: 'SIGSEGV' },
  { source: 'jump-to-wild.c', signal: 'SIGSEGV' },
  { source: 'generated-code.c', signal: 'SIGSEGV' },
  { source: 'bus-error.c', signal: 'SIGBUS' },
  { source: 'divide.c', signal: 'SIGFPE' },
  { source: 'illegal.c', signal: 'SIGILL' },
  { source: 'trap.c', flags: ['-O1'], args: ['x'], signal: 'SIGTRAP' },
  { source: 'abort.c', signal: 'SIGABRT' },
  { source: 'bad-system-call.c', signal: 'SIGSYS' },
  { source: 'seccomp-kill.c', signal: 'SIGSYS' },
  { source: 'quit.c', signal: 'SIGQUIT' },
  {
    source: 'cpu-limit.c',
    keyVaries: { isPart: (index) => index === 1, why: 'the limit is reached anywhere in a loop' },
    signal: 'SIGXCPU',
  },
  { source: 'file-limit.c', signal: 'SIGXFSZ' },
  { name: 'assertion-first', source: 'assertion.c', prints: MESSAGE, signal: 'SIGABRT' },
  { name: 'assertion-second', source: 'assertion.c', args: ['x'], prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'double-free.c', prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'heap-overrun.c', prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'free-invalid.c', prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'stack-overflow.c', signal: 'SIGSEGV' },
  { source: 'stack-overflow-large.c', signal: 'SIGSEGV' },
  { source: 'stack-overflow-thread.c', explained: GUARD_PAGE, signal: 'SIGSEGV' },
  { source: 'deep-recursion.c', signal: 'SIGABRT' },
  { source: 'smashed-stack.c', flags: ['-fstack-protector-all'], prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'smashed-return.c', flags: ['-fno-stack-protector'], signal: 'SIGSEGV' },
  { source: 'fortify.c', flags: ['-O2', '-D_FORTIFY_SOURCE=2'], prints: MESSAGE, signal: 'SIGABRT' },
  { source: 'handler-aborts.c', signal: 'SIGABRT' },
  { source: 'handler-heap-stack.c', signal: 'SIGABRT' },
  { source: 'handler-nested.c', signal: 'SIGSEGV' },
  { source: 'reraised.c', signal: 'SIGSEGV' },
  { source: 'coroutine.c', signal: 'SIGSEGV' },
  { source: 'coroutine-waiting.c', flags: ['-O1'], signal: 'SIGSEGV' },
  { name: 'threads-10', source: 'threads.c', flags: ['-DCOUNT=10'], signal: 'SIGABRT' },
  { name: 'threads-300', source: 'threads.c', flags: ['-DCOUNT=300'], signal: 'SIGABRT' },
  { name: 'threads-1000', source: 'threads.c', flags: ['-DCOUNT=1000'], signal: 'SIGABRT' },
  { source: 'threads-large-frames.c', signal: 'SIGABRT' },
  { source: 'main-has-ended.c', signal: 'SIGSEGV' },
  { source: 'large-locals.c', signal: 'SIGSEGV' },
  { source: 'descriptors.c', signal: 'SIGABRT' },
  { source: 'two-gibibytes.c', mostBytes: 512 * 1024, signal: 'SIGSEGV' },
  { source: 'deleted-executable.c', signal: 'SIGSEGV' },
  { source: 'replaced-executable.c', signal: 'SIGSEGV' },
  {
    source: 'replaced-library.c',
    library: { ...LIBRARY, isLinked: true, hasReplacement: true },
    args: ['{replacement}', '{library}'],
    signal: 'SIGSEGV',
  },
  {
    source: 'plugin.c',
    library: LIBRARY,
    args: ['{library}'],
    prints: ['searches', 'entries'],
    signal: 'SIGSEGV',
  },
  { source: 'namespaces.c', isChild: true, signal: 'SIGSEGV' },
  { source: 'thread-locals.c', prints: THREAD_LOCALS, signal: 'SIGSEGV' },
  { name: 'thread-locals-static', source: 'thread-locals.c', flags: ['-static'], signal: 'SIGSEGV' },
  { source: 'chains.c', signal: 'SIGSEGV' },
  {
    source: 'globals.c',
    prints: ['text', 'names', 'table[500000]@40', 'arena[31457280]@40', 'numbers'],
    explained: UNTOUCHED,
    signal: 'SIGSEGV',
  },
  {
    source: 'data-large.c',
    prints: ['settings', 'look::calls', 'cache[1000000]@4', 'table[2000000]@4'],
    signal: 'SIGSEGV',
  },
  { source: 'many-regions.c', signal: 'SIGSEGV' },
  { source: 'optimised.c', flags: ['-O2'], signal: 'SIGSEGV' },
  { ...STRUCTURES, name: 'structures-i386', flags: I386 },
  { name: 'assertion-i386', source: 'assertion.c', flags: I386, prints: MESSAGE, signal: 'SIGABRT' },
  { name: 'double-free-i386', source: 'double-free.c', flags: I386, prints: MESSAGE, signal: 'SIGABRT' },
  { name: 'stack-overflow-i386', source: 'stack-overflow.c', flags: I386, signal: 'SIGSEGV' },
  { name: 'handler-nested-i386', source: 'handler-nested.c', flags: I386, signal: 'SIGSEGV' },
  { name: 'threads-i386', source: 'threads.c', flags: [...I386, '-DCOUNT=10'], signal: 'SIGABRT' },
];
