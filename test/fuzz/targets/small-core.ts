import assert from 'node:assert/strict';
import { CoreMemory } from '../../../analysis/sections/core-memory.ts';
import { architectureOf } from '../../../capture/arch/architecture.ts';
import type { CoreHead } from '../../../capture/captured.ts';
import { bytesSource } from '../../../capture/core-source.ts';
import { elfClassOf } from '../../../capture/elf/elf-class.ts';
import { type FoundModule, findModules, MappedFiles } from '../../../capture/find-modules.ts';
import { readLinkMap } from '../../../capture/link-map.ts';
import { PAGE_BYTES } from '../../../capture/page-cache.ts';
import { noPagemap } from '../../../capture/pagemap.ts';
import { HeldMemory } from '../../../capture/process-memory.ts';
import { quickKey } from '../../../capture/quick-key.ts';
import { readCoreHead } from '../../../capture/read-core-head.ts';
import { ReturnAddresses } from '../../../capture/return-addresses.ts';
import { takeSmallCore } from '../../../capture/small-core.ts';
import { assertRecord, capturedWith, recordOf } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { assertHead, headOf } from './core-head.ts';

/** Small enough that something has to be left out. */
const BUDGET_BYTES = 96 * 1024;
/** Capture knows its modules by these pieces of 128 bytes. */
const GRANULE_BYTES = 128;

/** A whole core with its memory: the linker's list, modules, the stacks and what they point to. */
export const smallCore: FuzzTarget = {
  name: 'small-core',
  check(input) {
    const head = headOf(input);
    if (head === null) return;
    const content = new CoreMemory(input);
    const memory = new HeldMemory(head.segments, (target, at, source) =>
      readPages(content, target, at, source),
    );
    const list = readLinkMap(head.auxv, memory.everything, elfClassOf(head.bits));
    head.warnings.push(...list.warnings);
    assertHead(head, input.length);
    const modules = findModules(list, new MappedFiles(head.files), memory.everything);
    for (const module of modules) assertModule(module);
    const architecture = architectureOf(head);
    const returns = architecture === null ? null : new ReturnAddresses(head, memory, architecture);
    const key = quickKey(head, returns === null ? null : { memory, modules, returns });
    assert.match(key, /^[0-9a-f]{16}$/);
    const core = takeSmallCore({ head, memory, list, modules, returns, pagemap: noPagemap }, BUDGET_BYTES);
    assertCore(core.bytes, head, content);
    assert.ok(core.omitted.length <= 32 && core.omitted.every(({ length }) => length <= 200));
    const loaded = modules.map((module) => ({
      ...{ name: module.name, isExecutable: module.isExecutable, buildId: module.buildId },
      ...{ base: BigInt(module.base), start: BigInt(module.start), end: BigInt(module.end) },
      ...{ path: module.file?.path ?? null, deleted: false, fd: null, mayBlock: false },
    }));
    assertRecord(recordOf(capturedWith({}, { head, core, modules: loaded, quickKey: key })));
  },
};

/** Pages of which the core holds at least a part; the rest of them is zeros. */
function readPages(
  content: CoreMemory,
  target: Buffer,
  at: number,
  { address, bytes }: { address: number; bytes: number },
): number {
  for (let done = 0; done < bytes; done += PAGE_BYTES) {
    target.fill(0, at + done, at + done + PAGE_BYTES);
    let isThere = false;
    for (let offset = done; offset < done + PAGE_BYTES; offset += GRANULE_BYTES) {
      const part = content.read(BigInt(address + offset), GRANULE_BYTES);
      part.copy(target, at + offset);
      isThere ||= part.length > 0;
    }
    if (!isThere) return done;
  }
  return bytes;
}

function assertModule({ name, base, start, end, buildId, file }: FoundModule): void {
  assert.ok(name.length <= 4096 && (buildId === null || /^([0-9a-f]{2}){1,64}$/.test(buildId)));
  assert.ok(Number.isInteger(base) && Number.isInteger(start) && start <= end);
  assert.ok(file === null || file.start < file.end);
}

/** It is a core, within its budget, and holds the same memory. */
function assertCore(bytes: Buffer, from: CoreHead, content: CoreMemory): void {
  assert.ok(bytes.length <= BUDGET_BYTES, `${bytes.length} bytes`);
  const head = readCoreHead(bytesSource(bytes));
  assert.ok(head.threads.length <= from.threads.length);
  assert.equal(head.threads[0]?.tid, from.threads[0]?.tid);
  const written = new CoreMemory(bytes);
  for (const { start, end, fileBytes } of head.segments) {
    assert.equal(fileBytes, end - start);
    const original = content.read(start, GRANULE_BYTES);
    assert.ok(written.read(start, original.length).equals(original), `other memory at ${start.toString(16)}`);
  }
}
