import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Segment } from '../../capture/captured.ts';
import { elf64 } from '../../capture/elf/elf-class.ts';
import { type FoundModule, findModules, MappedFiles } from '../../capture/find-modules.ts';
import { readLinkMap } from '../../capture/link-map.ts';
import { HeldMemory } from '../../capture/process-memory.ts';

/** The memory and the modules of the process that runs the test: real ones, without a crash. */
export function ownMemory(t: TestContext): { memory: HeldMemory; modules: FoundModule[] } {
  const segments = readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .flatMap((line): Segment[] => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) (.)(.)(.)/.exec(line);
      if (match === null || line.endsWith('[vsyscall]')) return [];
      const [start, end] = [1, 2].map((group) => BigInt(`0x${match[group]}`));
      if (start === undefined || end === undefined) return [];
      const flags = (match[5] === 'x' ? 1 : 0) | (match[4] === 'w' ? 2 : 0) | 4;
      return [{ start, end, fileBytes: end - start, flags }];
    });
  const auxv = new Map<bigint, bigint>();
  const bytes = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    auxv.set(bytes.readBigUInt64LE(at), bytes.readBigUInt64LE(at + 8));
  }
  const fd = openSync('/proc/self/mem', 'r');
  t.after(() => closeSync(fd));
  const memory = new HeldMemory(segments, (target, at, source) => {
    try {
      return readSync(fd, target, at, source.bytes, source.address);
    } catch {
      return 0;
    }
  });
  const list = readLinkMap(auxv, memory.everything, elf64);
  return { memory, modules: findModules(list, new MappedFiles([]), memory.everything) };
}
