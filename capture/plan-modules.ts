import type { FoundModule } from './find-modules.ts';
import { DEBUG_WORDS, type LinkMap } from './link-map.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { dynamicRange, type ModuleHeaders } from './module-headers.ts';

/**
 * sizeof(struct link_map) of glibc with its private part, as far as libthread_db looks into it for a module's TLS; the
 * i386 one needs 616.
 */
const LINK_MAP_BYTES = 1152;

/**
 * What a debugger reads to find the modules, in the order in which it reads it; then the vdso, which exists nowhere
 * else.
 */
export function planModules(plan: MemoryPlan, list: LinkMap, modules: readonly FoundModule[]): void {
  const label = "the dynamic linker's data";
  // A process with 2,000 libraries has 2 MiB of it; its threads matter more.
  const take = (start: number, bytes: number) => plan.add(label, start, start + bytes, plan.leftBytes / 2);
  if (list.executable !== null) {
    takeHead(take, list.executable);
    const debugBytes = DEBUG_WORDS * list.executable.elfClass.wordBytes;
    for (const address of list.debugAddresses) take(address, debugBytes);
  }
  for (const { address } of list.entries) take(address, LINK_MAP_BYTES);
  for (const { nameAddress, name } of list.entries) take(nameAddress, name.length + 1);
  if (list.vdso !== null) take(list.vdso.start, list.vdso.end - list.vdso.start);
  for (const { headers } of modules) if (headers !== null) take(headers.address, headers.headBytes);
}

function takeHead(take: (start: number, bytes: number) => void, executable: ModuleHeaders): void {
  take(executable.address, executable.headBytes);
  const dynamic = dynamicRange(executable);
  if (dynamic !== null) take(dynamic.start, dynamic.bytes);
}
