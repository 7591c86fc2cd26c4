import { readSync } from 'node:fs';
import { architectureOf } from '../../capture/arch/architecture.ts';
import type { LoadedModule } from '../../capture/captured.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { elf64 } from '../../capture/elf/elf-class.ts';
import { readElfHeader } from '../../capture/elf/elf-header.ts';
import { eachNote } from '../../capture/elf/notes.ts';
import { type ProgramHeader, PT_LOAD, PT_NOTE, readProgramHeader } from '../../capture/elf/program-header.ts';
import { registerAddress } from '../../capture/noted-thread.ts';
import { PAGE_BYTES, PageCache } from '../../capture/page-cache.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { SegmentTable } from '../../capture/segment-table.ts';
import { findSignalFrames } from '../../capture/signal-frames.ts';
import { readAt } from '../../linux/read-at.ts';
import { CoreMemory } from '../sections/core-memory.ts';
import type { CoreCopy } from './core-copy.ts';

/** `mov $15, %rax; syscall`: rt_sigreturn(2), by which gdb knows the code that a handler returns to. */
const SIGRETURN = Buffer.from('48c7c00f0000000f05', 'hex');
/** Where that code is put for gdb, one place a frame: below everything that is mapped (vm.mmap_min_addr). */
const FIRST_PLACE = 0x1000;
const PLACE_BYTES = 16;
const MAX_FRAMES = PAGE_BYTES / PLACE_BYTES;
/** Stack of each thread that is looked through: Go's stack for signals has 32 KiB. */
const SEARCHED_BYTES = 32 * 1024;
/** Threads looked at. */
const MAX_THREADS = 256;
/** Notes of an executable are in its first page. */
const HEAD_BYTES = PAGE_BYTES;

/**
 * Helps gdb over the frames that the kernel makes for signal handlers of Go.
 *
 * gdb knows such a frame by the name of what the handler returns to, `__restore_rt`, or by its code where that has no name
 * (amd64_linux_sigtramp_p() in gdb/amd64-linux-tdep.c). Go before 1.20 calls it `runtime.sigreturn`, so that gdb sees five
 * frames of the runtime and nothing of the program that panicked. In the copy the handlers return to code without a name.
 *
 * @returns The address put in -> the one that was there.
 */
export function markSignalFrames(copy: CoreCopy, modules: readonly LoadedModule[]): Map<number, number> {
  const marked = new Map<number, number>();
  const executable = modules.find(({ isExecutable }) => isExecutable);
  const code = executable?.fd == null ? null : readGoProgram(executable.fd, Number(executable.base));
  if (code === null) return marked;
  const head = readCoreHead(bytesSource(copy.bytes));
  const architecture = architectureOf(head);
  if (architecture?.elfClass !== elf64) return marked;
  const memory = new CoreMemory(copy.bytes);
  const pages = new PageCache((target, at, { address, bytes }) => {
    target.fill(0, at, at + bytes);
    for (let done = 0; done < bytes; done += PAGE_BYTES) copyPage(memory, address + done, target, at + done);
    return bytes;
  });
  const segments = new SegmentTable(head.segments, 'dumped');
  for (const thread of head.threads.slice(0, MAX_THREADS)) {
    const sp = registerAddress(thread, architecture.sp);
    const start = sp - (sp % 8);
    const area = { start, end: start + SEARCHED_BYTES };
    for (const { address } of findSignalFrames({ pages, segments }, area, architecture)) {
      const original = pages.word(address, elf64);
      const place = FIRST_PLACE + marked.size * PLACE_BYTES;
      if (marked.size === MAX_FRAMES || !code(original).equals(SIGRETURN)) continue;
      const word = Buffer.alloc(8);
      word.writeBigUInt64LE(BigInt(place));
      if (copy.write(address, word)) marked.set(place, original);
    }
  }
  if (marked.size > 0) {
    const places = Buffer.alloc(marked.size * PLACE_BYTES);
    for (const place of marked.keys()) SIGRETURN.copy(places, place - FIRST_PLACE);
    copy.addCode(FIRST_PLACE, places);
  }
  return marked;
}

/** What a small core holds of a page, which may be parts. */
function copyPage(memory: CoreMemory, address: number, target: Buffer, at: number): void {
  const step = 128;
  for (let done = 0; done < PAGE_BYTES; done += step) {
    memory.read(BigInt(address + done), step).copy(target, at + done);
  }
}

/**
 * The code of an executable that Go has made, by address in memory, as many bytes as {@link SIGRETURN}.
 *
 * @returns Null where it is none.
 */
function readGoProgram(fd: number, base: number): ((address: number) => Buffer) | null {
  const head = Buffer.alloc(HEAD_BYTES);
  const length = readSync(fd, head, 0, HEAD_BYTES, 0);
  const header = readElfHeader(head.subarray(0, length));
  if (header?.elfClass !== elf64 || header.programHeaderBytes !== elf64.programHeaderBytes) return null;
  const table = head.subarray(
    elf64.headerBytes,
    elf64.headerBytes + header.programHeaderCount * elf64.programHeaderBytes,
  );
  const headers: ProgramHeader[] = [];
  for (let at = 0; at + elf64.programHeaderBytes <= table.length; at += elf64.programHeaderBytes) {
    headers.push(readProgramHeader(table, at, elf64));
  }
  if (!headers.some((segment) => segment.type === PT_NOTE && hasGoNote(head, segment))) return null;
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  return (address) => {
    const code = Buffer.alloc(SIGRETURN.length);
    const load = loads.find((segment) => {
      const at = address - base - segment.address;
      return at >= 0 && at + code.length <= segment.fileBytes;
    });
    if (load !== undefined) readAt(fd, code, load.offset + address - base - load.address);
    return code;
  };
}

/** Go's linker notes its own build id under the name `Go`: cmd/link/internal/ld/elf.go. */
function hasGoNote(head: Buffer, { offset, fileBytes }: ProgramHeader): boolean {
  for (const { name } of eachNote(head.subarray(offset, offset + fileBytes))) {
    if (name.replaceAll('\0', '') === 'Go') return true;
  }
  return false;
}
