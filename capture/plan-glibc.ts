import type { ElfClass } from './elf/elf-class.ts';
import type { FoundModule } from './find-modules.ts';
import { findSymbol } from './find-symbol.ts';
import { MAX_ENTRIES } from './link-map.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { ModuleHeaders } from './module-headers.ts';
import type { HeldMemory, ProcessMemory } from './process-memory.ts';

/** What planning glibc's data needs to look at. */
export interface GlibcContext {
  plan: MemoryPlan;
  memory: HeldMemory;
  modules: readonly FoundModule[];
  elfClass: ElfClass;
}

/**
 * Size of the thread control block, struct pthread, which the thread pointer points to: 2,304 bytes in glibc 2.31 (1,216 on i386),
 * 2,368 in 2.36, 2,496 in 2.41. libthread_db copies all of it (td_thr_get_info()) and names a thread only where it can.
 */
export const CONTROL_BLOCK_BYTES = 2560;

/** struct abort_msg_s: its size, then the text. Of a failed assert the expression and where it stands. */
const MESSAGE_BYTES = 1024;
/** struct dtv_slotinfo_list: a length, the next one, then as many pairs of a generation and a module: 64 at first, then 62. */
const SLOT_INFO_BYTES = 16 * 66;
/** Of as many modules as are read of the linker's list. */
const MAX_SLOT_INFOS = Math.ceil(MAX_ENTRIES / 62);
/** Threads that have ended but are listed still: a first thread that called pthread_exit(3), ones not joined yet. */
const MAX_ENDED = 64;
/** Entries of a list that are gone through: more threads than a core's notes tell of. */
const MAX_LISTED = 65_536;

/**
 * Adds what glibc keeps for debuggers, by the names and offsets that it tells them itself (nptl_db/structs.def): a static
 * program and other C libraries tell none.
 *
 * - What it said before it aborted (a failed assert, a damaged heap, a smashed stack): only `__abort_msg` points to it.
 * - The list of the modules that have thread-local variables: without it gdb shows none.
 * - The control blocks of listed threads that are no threads of the core: libthread_db goes from one to the next, and
 *   knows none of them where one is missing.
 *
 * @param controls Thread pointers of the threads of the core.
 */
export function planGlibc(context: GlibcContext, controls: ReadonlySet<number>): void {
  const { plan, memory, modules, elfClass } = context;
  const pointerAt = (address: number) => wordAt(memory.memory, address, elfClass);
  const symbol = (module: ModuleHeaders, name: string) =>
    findSymbol(memory.everything, module, { name, elfClass });
  const library = headersOf(modules, /(?:^|\/)libc(?:\.so\.\d+|-[\d.]+\.so)$/);
  if (library === null) return;
  const message = pointerAt(symbol(library, '__abort_msg') ?? 0);
  if (message !== 0) plan.add('abort message', message, message + MESSAGE_BYTES);
  const linker = headersOf(modules, /(?:^|\/)ld-[^/]*$/);
  const globals = linker === null ? null : symbol(linker, '_rtld_global');
  if (globals === null) return;
  const offsetOf = (field: string) => fieldOffset(memory.everything, symbol(library, `_thread_db_${field}`));
  const slots = offsetOf('rtld_global__dl_tls_dtv_slotinfo_list');
  let info = slots === null ? 0 : pointerAt(globals + slots);
  for (let count = 0; info !== 0 && count < MAX_SLOT_INFOS; count += 1) {
    plan.add("the dynamic linker's data", info, info + SLOT_INFO_BYTES);
    info = pointerAt(info + elfClass.wordBytes);
  }
  const listOffset = offsetOf('pthread_list');
  if (listOffset === null) return;
  for (const list of ['rtld_global__dl_stack_used', 'rtld_global__dl_stack_user']) {
    const offset = offsetOf(list);
    if (offset !== null) planEnded(context, { head: globals + offset, listOffset, controls });
  }
}

function planEnded(
  { plan, memory, elfClass }: GlibcContext,
  { head, listOffset, controls }: { head: number; listOffset: number; controls: ReadonlySet<number> },
): void {
  let ended = 0;
  let at = wordAt(memory.memory, head, elfClass);
  for (let count = 0; at !== head && at !== 0 && count < MAX_LISTED; count += 1) {
    const control = at - listOffset;
    if (!controls.has(control)) {
      plan.add('list of threads', control, control + CONTROL_BLOCK_BYTES);
      ended += 1;
      if (ended === MAX_ENDED) {
        plan.leaveUnseen('list of threads', CONTROL_BLOCK_BYTES);
        return;
      }
    }
    at = wordAt(memory.memory, at, elfClass);
  }
}

function headersOf(modules: readonly FoundModule[], name: RegExp): ModuleHeaders | null {
  return modules.find((module) => name.test(module.name.toString('latin1')))?.headers ?? null;
}

/** Where a field is in its structure: `_thread_db_...` is its size in bits, the number of elements, and the offset. */
function fieldOffset(everything: ProcessMemory, symbol: number | null): number | null {
  const description = symbol === null ? Buffer.alloc(0) : everything.read(symbol, 12);
  return description.length < 12 ? null : description.readUInt32LE(8);
}

/** 0 where there is nothing. */
function wordAt(memory: ProcessMemory, address: number, { wordBytes, readWord }: ElfClass): number {
  const bytes = memory.read(address, wordBytes);
  return bytes.length < wordBytes ? 0 : readWord(bytes, 0);
}
