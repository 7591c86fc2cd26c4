import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { architectureOf } from '../../capture/arch/architecture.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { elfClassOf } from '../../capture/elf/elf-class.ts';
import { findModules, MappedFiles } from '../../capture/find-modules.ts';
import { readLinkMap } from '../../capture/link-map.ts';
import { noPagemap } from '../../capture/pagemap.ts';
import { HeldMemory } from '../../capture/process-memory.ts';
import { quickKey } from '../../capture/quick-key.ts';
import { NotACoreError, readCoreHead } from '../../capture/read-core-head.ts';
import { ReturnAddresses } from '../../capture/return-addresses.ts';
import { takeSmallCore } from '../../capture/small-core.ts';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { randomFrom } from '../random.ts';
import { CrashPlace } from './crash-held.ts';

const BUDGET_BYTES = 256 * 1024;
/** ELF header, program headers and first notes. */
const HEAD_BYTES = 8192;

/** Captures from a full core as if it were a process; `place` finds an address in it. */
function captureFrom(core: Buffer, place: (address: number) => number) {
  const head = readCoreHead(bytesSource(core));
  const memory = new HeldMemory(head.segments, (target, at, { address, bytes }) => {
    const from = place(address);
    return from < 0 ? 0 : core.copy(target, at, from, from + bytes);
  });
  const list = readLinkMap(head.auxv, memory.everything, elfClassOf(head.bits));
  const modules = findModules(list, new MappedFiles(head.files), memory.everything);
  const architecture = architectureOf(head);
  const returns = architecture === null ? null : new ReturnAddresses(head, memory, architecture);
  const key = quickKey(head, returns === null ? null : { memory, modules, returns });
  assert.match(key, /^[0-9a-f]{16}$/);
  const input = { head, memory, list, modules, returns, pagemap: noPagemap };
  return { head, small: takeSmallCore(input, BUDGET_BYTES) };
}

for (const flag of ['-m64', '-m32']) {
  test(`a process whose notes and memory are damaged is captured within the budget, ${flag}`, async (t) => {
    const crashes = await CrashPlace.take(t);
    const program = crashes.compile('debug.c', corpusSource('threads.c'), [flag, '-g', '-DCOUNT=10']);
    const core = readFileSync((await crashes.crash(program)).full);
    // The kernel writes all segments in their order, so that they end where the core does.
    let at = core.length;
    const places = [...readCoreHead(bytesSource(core)).segments].reverse().map(({ start, fileBytes }) => {
      at -= Number(fileBytes);
      return { start: Number(start), end: Number(start + fileBytes), at };
    });
    const place = (address: number) => {
      const found = places.find(({ start, end }) => address >= start && address < end);
      return found === undefined ? -1 : found.at + address - found.start;
    };
    const { head, small } = captureFrom(core, place);
    assert.equal(head.threads.length, 11);
    assert.ok(small.bytes.length > 64 * 1024);
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = randomFrom(seed);
      const damaged = Buffer.from(core);
      for (let count = 1 + random(200); count > 0; count -= 1) {
        const byte = random(random(2) === 0 ? HEAD_BYTES : damaged.length);
        damaged[byte] = random(3) === 0 ? 0xff : (damaged[byte] ?? 0) ^ (1 << random(8));
      }
      try {
        const captured = captureFrom(damaged, place);
        assert.ok(captured.small.bytes.length <= BUDGET_BYTES, `${captured.small.bytes.length} bytes`);
      } catch (error) {
        if (!(error instanceof NotACoreError)) throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}
