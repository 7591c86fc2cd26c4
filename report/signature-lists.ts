/**
 * Which functions say nothing, something or everything about a crash. Names are matched as normaliseFunction() gives
 * them; each entry is anchored at both ends. To teach the signature a new runtime, add a line here and its case to the
 * signature's test.
 */
export interface FunctionList {
  /** Why functions of this kind are treated so. */
  reason: string;
  names: RegExp;
}

/** Dropped wherever they stand: they carry the news of a failure, and are the same for every failure. */
export const IRRELEVANT: readonly FunctionList[] = [
  list('the kernel enters here to run a handler', '__restore_rt|__kernel_rt_sigreturn|__kernel_sigreturn'),
  list(
    'glibc: how abort, raise and pthread_kill send a signal to themselves',
    'raise|gsignal|abort|__abort|kill|tgkill|tkill|__pthread_kill(_\\w+)?|pthread_kill|__kernel_vsyscall|__raise',
  ),
  list('glibc: a failed assert', '__assert|__assert_fail(_base)?|__assert_perror_fail|__assert_rtn'),
  list(
    'glibc: a failed check of its own (heap, stack protector, fortify)',
    '__libc_fatal|__libc_message|malloc_printerr|__fortify_fail(_abort)?|__stack_chk_fail(_local)?|__chk_fail|' +
      '__\\w+_chk_fail|__fdelt_(chk|warn)',
  ),
  list(
    'libstdc++ and the unwinder: an exception on its way to nobody',
    '(std::|__cxxabiv1::)?(__terminate|__unexpected|terminate|unexpected)|__gnu_cxx::__verbose_terminate_handler|' +
      '__verbose_terminate_handler|__cxa_(throw|rethrow|call_terminate|call_unexpected|bad_cast|bad_typeid|' +
      'throw_bad_array_new_length|pure_virtual|deleted_virtual)|__clang_call_terminate|_Unwind_\\w+|' +
      '__gxx_personality_v0|std::rethrow_exception|std::__throw_\\w+|std::__glibcxx_assert_fail|uw_\\w+|' +
      'std::__replacement_assert|__gnu_cxx::__freeres',
  ),
  list(
    'Rust: a panic on its way to abort, and the glue of closures',
    'rust_(panic|begin_unwind|oom|eh_personality)(_\\w+)?|_?_?rust_(start_panic|abort|end_short_backtrace)|' +
      '__rustc::\\w+|core::panicking::.*|std::panicking::.*|panic_(abort|unwind)::.*|std::panic::.*|' +
      'std::process::abort|std::rt::\\w*abort\\w*|core::intrinsics::abort|std::sys(_common)?::.*(abort_internal|short_backtrace|rtabort|stack_overflow).*|' +
      'core::(option|result)::(unwrap|expect)_(none_)?failed|alloc::alloc::handle_alloc_error.*|std::alloc::rust_oom|' +
      'core::ops::function::(Fn|FnMut|FnOnce|impls)::.*|alloc::boxed::\\{impl#\\d+\\}::call(_once|_mut)?|core::slice::index::slice_\\w+_fail.*|' +
      'core::cell::panic_\\w+',
  ),
  list(
    'Go: how the runtime turns a fault or a panic into a signal to itself',
    'runtime\\.(raise|raiseproc|dieFromSignal|crash|fatalpanic|fatalthrow|fatal|throw|sigfwdgo|sigtramp\\w*|' +
      'sigtrampgo|sighandler|sigpanic\\w*|sigreturn\\w*|gopanic|goPanic\\w+|panic\\w*|systemstack\\w*|mcall|morestack\\w*|' +
      'tgkill|asyncPreempt\\w*|printpanics|badsignal|cgocallback\\w*)(\\.func\\d+(\\.\\d+)*)?',
  ),
  list(
    'sanitizers and GLib: a report on its way to abort',
    '__(asan|ubsan|tsan|msan|lsan|sanitizer)\\w*(::.*)?|g_log(v|_\\w+)?|_g_log_abort|g_assertion_message(_\\w+)?',
  ),
];

/**
 * Libraries whose unnamed functions are no place where anything went wrong: distributions ship them stripped, so that
 * between abort and std::terminate there stand frames of libstdc++ without a name. By file name.
 */
export const RUNTIME_MODULES: FunctionList = list(
  'runtimes of C, C++ and the dynamic linker',
  '(libc|libc\\+\\+|libc\\+\\+abi|libstdc\\+\\+|libgcc_s|libpthread|libunwind|ld-linux[-\\w]*|ld-musl[-\\w]*|libc\\.musl[-\\w]*)' +
    '([.-][\\d.]+)?\\.so(\\.[\\d.]+)?',
);

/** Kept, but they do not count: any caller may have passed the bad pointer, so the next frame is needed as well. */
export const PREFIX: readonly FunctionList[] = [
  list(
    'memory and strings of the C library',
    '(__)?(mem(cpy|move|set|cmp|chr|rchr|mem|pcpy|ccpy|frob)|bcopy|bzero|bcmp|str(n?len|n?cpy|n?cat|n?cmp|n?casecmp|chr|' +
      'rchr|chrnul|str|casestr|pbrk|spn|cspn|tok(_r)?|sep|n?dup|coll|xfrm|to\\w+)|st[rp]n?cpy|wcs\\w+|wmem\\w+|' +
      'atoi|atol|qsort(_r)?|bsearch|msort_with_tmp)(_chk)?',
  ),
  list(
    'the allocator: the damage was done elsewhere',
    '(__libc_|_int_|je_|tc_|mi_|g_)?(malloc|calloc|realloc|free|memalign|cfree)(_\\w+)?|posix_memalign|aligned_alloc|' +
      'malloc_consolidate|unlink_chunk|sysmalloc|systrim|(__)?s?brk|__(glibc|default)_morecore|tcache_\\w+|' +
      'operator (new|delete)(\\[\\])?|g_slice_\\w+|' +
      '(std::|__gnu_cxx::)(new_)?allocator(_traits)?::.*|std::__new_allocator::.*|__rust_(dealloc|alloc|realloc)\\w*|' +
      'alloc::alloc::.*|runtime\\.(mallocgc|newobject|growslice|memmove|memclr\\w*|makeslice)',
  ),
  list(
    'maps and channels of Go, where they were never made or are closed',
    'runtime\\.(map(assign|access|delete|iter)\\w*|make(map|chan)\\w*|chan(send|recv)\\w*|closechan|selectgo|block)',
  ),
  list(
    'formatted output with an argument that does not fit its format',
    '(__)?v?[fsd]?n?w?printf(_internal|_chk)?|_IO_\\w+|__v\\w*printf\\w*|f?puts|fputc|fwrite|(__)?vsyslog\\w*|syslog|' +
      'outstring_\\w+|Xprintf\\w*|(core|alloc)::fmt::.*',
  ),
  list(
    'standard containers and smart pointers of C++ and Rust',
    'std::(__cxx11::|__1::)?(basic_string|vector|_Vector_base|list|map|set|deque|_Rb_tree|_Hashtable|unordered_\\w+|' +
      'unique_ptr|shared_ptr|__shared_ptr\\w*|_Sp_\\w+|function|_Function_\\w+|__invoke\\w*|__uniq_ptr\\w*|' +
      'default_delete|optional|char_traits|move|forward|copy|_Destroy\\w*|__\\w+)(::.*)?|__gnu_cxx::.*|' +
      'core::(ptr|mem|slice|str|option|result|intrinsics|iter)::.*|alloc::(vec|string|boxed|rc|sync|raw_vec)::.*',
  ),
  list('locks: the object was gone or never made', '_*pthread_(mutex|rwlock|cond|spin)_\\w+|__lll_lock_\\w+'),
];

/** The last frame of a signature: below it every program is the same. */
export const LAST: readonly FunctionList[] = [list('where a program begins', 'main|main\\.main')];

/** A signature ends before these: they call the program, whatever it does. */
export const BELOW: readonly FunctionList[] = [
  list(
    'the C library starts a program or a thread here',
    '_start|__libc_start_(main|call_main)(_\\w+)?|__libc_csu_init|start_thread|clone|clone3|__clone|__clone3|_dl_start\\w*|' +
      '_dl_init|call_init|std::execute_native_thread_routine|execute_native_thread_routine|thread_start',
  ),
  list(
    'a language runtime starts a program or a thread here',
    'runtime\\.(goexit|main|mstart\\w*|rt0_go|cgocall|asmcgocall)(\\.abi0)?|_rt0_\\w+|crosscall\\w*|' +
      'std::sys(_common)?::.*thread.*|std::thread::.*|std::rt::lang_start.*',
  ),
];

/** Whether a list has the function. */
export function isListed(lists: readonly FunctionList[], name: string): boolean {
  return lists.some((entry) => entry.names.test(name));
}

function list(reason: string, names: string): FunctionList {
  return { reason, names: new RegExp(`^(?:${names})$`) };
}
