import assert from 'node:assert/strict';
import test from 'node:test';
import { describeSignal } from '../../report/signals.ts';
import { placeOfCrash, signatureOf } from '../../report/signature.ts';
import { namedFrames, recordWithFrames, sampleFrame, sampleRecord, sampleThread } from './sample-record.ts';

function textOf(...names: string[]): string | undefined {
  return signatureOf(recordWithFrames(namedFrames(...names)))?.text.replace('SIGSEGV | ', '');
}

test('signatureOf() joins the signal and the first frames up to main', () => {
  assert.equal(
    textOf('process_data', 'handle_request', 'main', '__libc_start_call_main', '__libc_start_main', '_start'),
    'process_data | handle_request | main',
  );
  assert.match(signatureOf(sampleRecord())?.hash ?? '', /^[0-9a-f]{16}$/);
});

test('signatureOf() drops what only carries the failure, in every language', () => {
  const own = ['check', 'main'];
  const carriers = [
    // C: assert, abort, double free, stack protector, fortify
    [
      '__pthread_kill_implementation',
      '__pthread_kill_internal',
      '__GI___pthread_kill',
      '__GI_raise',
      '__GI_abort',
    ],
    ['raise', 'abort', '__assert_fail_base.cold', '__assert_fail'],
    ['raise', 'abort', '__libc_message', '__GI___fortify_fail', '__stack_chk_fail'],
    // C++: uncaught exception
    [
      'abort',
      '__gnu_cxx::__verbose_terminate_handler()',
      '__cxxabiv1::__terminate(void (*)())',
      'std::terminate()',
      '__cxa_throw',
      'std::__throw_out_of_range_fmt(char const*, ...)',
    ],
    // Rust: panic = abort
    [
      'abort',
      'std::sys::pal::unix::abort_internal',
      'panic_abort::__rust_start_panic::abort',
      '__rust_start_panic',
      'rust_panic',
      'std::panicking::rust_panic_with_hook',
      'std::panicking::begin_panic_handler::{{closure}}',
      'std::sys_common::backtrace::__rust_end_short_backtrace',
      'rust_begin_unwind',
      'core::panicking::panic_fmt',
      'core::option::unwrap_failed',
    ],
    // Rust 1.8x and later, index out of bounds
    [
      'std::process::abort',
      'std::rt::__rust_abort',
      'panic_abort::__rust_start_panic',
      'std::panicking::panic_with_hook',
      'std::panicking::panic_handler::{closure#0}',
      'std::sys::backtrace::__rust_end_short_backtrace<std::panicking::panic_handler::{closure_env#0}, !>',
      'core::panicking::panic_bounds_check',
    ],
    // Go: nil dereference with GOTRACEBACK=crash
    [
      'runtime.raise.abi0',
      'runtime.dieFromSignal',
      'runtime.sigfwdgo',
      'runtime.sigtrampgo',
      'runtime.sigtramp.abi0',
    ],
    ['runtime.fatalpanic', 'runtime.gopanic', 'runtime.panicmem', 'runtime.sigpanic'],
  ];
  for (const frames of carriers) assert.equal(textOf(...frames, ...own), 'check | main', frames[0]);
});

test('signatureOf() goes on past functions that anybody may call', () => {
  assert.equal(textOf('__memcpy_avx_unaligned_erms', 'f', 'g', 'h', 'main'), 'memcpy | f | g | h');
  assert.equal(
    textOf(
      'core::slice::index::{impl#0}::index<i32, usize>',
      'alloc::vec::{impl#14}::index<i32, A>',
      'app::get',
      'app::main',
    ),
    'core::slice::index::{impl#0}::index | alloc::vec::{impl#14}::index | app::get | app::main',
  );
  assert.equal(
    textOf('malloc_printerr', '_int_free', '__GI___libc_free', 'drop', 'main'),
    '_int_free | __libc_free | drop | main',
  );
  assert.equal(
    textOf('__strlen_avx2', '__vfprintf_internal', 'printf', 'log', 'main'),
    'strlen | __vfprintf_internal | printf | log | main',
  );
});

test('signatureOf() ends above what starts a thread, and steps over a signal handler', () => {
  assert.equal(textOf('job', 'worker', 'start_thread', 'clone3'), 'job | worker');
  assert.equal(
    textOf(
      'app::run',
      'app::main',
      'core::ops::function::FnOnce::call_once<fn(), ()>',
      'std::rt::lang_start::{closure#0}',
    ),
    'app::run | app::main',
  );
  assert.equal(textOf('main.crash', 'main.main', 'runtime.main', 'runtime.goexit'), 'main.crash | main.main');
  const frames = [
    ...namedFrames('raise', 'on_signal'),
    sampleFrame(2, { signalHandler: true }),
    sampleFrame(3, { function: 'victim' }),
    sampleFrame(4, { function: 'main' }),
  ];
  assert.equal(signatureOf(recordWithFrames(frames))?.text, 'SIGSEGV | on_signal | victim | main');
});

test('signatureOf() takes a recursion once, however deep', () => {
  const deep = (depth: number) => namedFrames(...Array.from({ length: depth }, () => 'walk'), 'main');
  const texts = [1, 2, 100, 511].map((depth) => signatureOf(recordWithFrames(deep(depth)))?.text);
  assert.deepEqual(new Set(texts), new Set(['SIGSEGV | walk | main']));
});

test('signatureOf() keeps two aborts apart and joins a crash across addresses', () => {
  const abort = describeSignal({ number: 6, code: -6, address: null, sender: null });
  const of = (...names: string[]) => signatureOf(recordWithFrames(namedFrames(...names), { signal: abort }));
  assert.notEqual(of('abort', 'one', 'main')?.hash, of('abort', 'other', 'main')?.hash);
  const moved = (pc: string) =>
    signatureOf(
      recordWithFrames([sampleFrame(0, { pc, function: 'f' }), sampleFrame(1, { pc, function: 'main' })]),
    );
  assert.equal(moved('00005581c0de1189')?.hash, moved('0000560000001189')?.hash);
  assert.notEqual(of('f', 'main')?.hash, moved('0000000000000000')?.hash, 'another signal');
});

test('signatureOf() names a frame without a name by module and offset, and hashes its build', () => {
  const unnamed = sampleFrame(0, {
    pc: '00005581c0de1189',
    module: '/usr/bin/app',
    moduleOffset: '0000000000001189',
  });
  const record = recordWithFrames([unnamed, sampleFrame(1, { function: 'main' })]);
  const signature = signatureOf(record);
  assert.equal(signature?.text, 'SIGSEGV | app+0x1189 | main');
  const rebuilt = record.modules?.map((module) => ({ ...module, buildId: 'ffff' })) ?? null;
  assert.notEqual(signatureOf({ ...record, modules: rebuilt })?.hash, signature?.hash);
});

test('signatureOf() steps over unnamed frames of the runtime, as between abort and std::terminate', () => {
  const stripped = (level: number, module: string) =>
    sampleFrame(level, { pc: '00007ff84689d919', module, moduleOffset: '000000000009d919' });
  const frames = [
    ...namedFrames('__GI_abort'),
    stripped(1, '/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30'),
    stripped(2, '/usr/lib/x86_64-linux-gnu/libc.so.6'),
    stripped(3, '/usr/lib/x86_64-linux-gnu/libc-2.31.so'),
    stripped(4, '/lib64/ld-linux-x86-64.so.2'),
    sampleFrame(5, { function: 'std::terminate()' }),
    stripped(6, '/usr/lib/x86_64-linux-gnu/libcurl.so.4'),
    sampleFrame(7, { function: 'main' }),
  ];
  assert.equal(signatureOf(recordWithFrames(frames))?.text, 'SIGSEGV | libcurl.so.4+0x9d919 | main');
});

test('signatureOf() takes what is known of a Go panic, not the frames that an unwinder makes up behind it', () => {
  const module = '/usr/bin/app';
  const made = (level: number) =>
    sampleFrame(level, { pc: `00000000004${level}eb60`, module, moduleOffset: `000000000045eb6${level}` });
  const carriers = ['runtime.raise.abi0', 'runtime.dieFromSignal', 'runtime.crash'].map((name, level) =>
    sampleFrame(level, { function: name, module }),
  );
  const frames = [...carriers, made(3), sampleFrame(4, { pc: '000000c000012345' })];
  const signature = signatureOf(recordWithFrames(frames));
  assert.equal(signature?.text, 'SIGSEGV | runtime.raise | runtime.dieFromSignal | runtime.crash');
});

test('signatureOf() gives jumps to nowhere one name', () => {
  const jump = (pc: string) =>
    signatureOf(recordWithFrames([sampleFrame(0, { pc }), sampleFrame(1, { function: 'main' })]))?.text;
  assert.equal(jump('0000000000000000'), 'SIGSEGV | 0x0 | main');
  assert.equal(jump('00007f0000001234'), 'SIGSEGV | ?? | main');
});

test('signatureOf() has something for a thread of nothing but carriers, and null without frames', () => {
  assert.equal(textOf('raise', 'abort'), 'raise | abort');
  assert.equal(signatureOf(recordWithFrames([])), null);
  assert.equal(signatureOf({ ...sampleRecord(), threads: null }), null);
  assert.equal(
    signatureOf({ ...sampleRecord(), threads: [sampleThread(1, { frames: namedFrames('f') })] }),
    null,
  );
});

test("placeOfCrash() is the program's own frame, not the messenger", () => {
  const placeIn = (...names: string[]) => placeOfCrash(recordWithFrames(namedFrames(...names)))?.function;
  assert.equal(placeIn('raise', 'abort', '__assert_fail', 'check', 'main'), 'check');
  assert.equal(placeIn('__memcpy_avx_unaligned_erms', 'copy', 'main'), 'copy');
  assert.equal(placeIn('memcpy'), 'memcpy');
  // A stack of Rust's that ended in malloc: more of the runtime than a signature takes.
  const below = ['__sbrk', '__glibc_morecore', 'sysmalloc', '_int_malloc', '__libc_malloc'];
  const rust = ['alloc::raw_vec::finish_grow', 'alloc::raw_vec::RawVec::reserve', 'alloc::vec::Vec::push'];
  const text = ['alloc::string::{impl#50}::write_str', 'core::fmt::write', 'alloc::fmt::format'];
  assert.equal(placeIn(...below, ...rust, ...text, 'app::depth', 'app::main'), 'app::depth');
  assert.equal(placeOfCrash(recordWithFrames([])), null);
});
