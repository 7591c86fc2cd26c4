import { fstatSync, readSync } from 'node:fs';
import { readAt } from '../../linux/read-at.ts';
import { architectureOf } from '../arch/architecture.ts';
import { toldHead } from '../capture.ts';
import type { Captured, CoreHead, LoadedModule, ProcessSnapshot, SmallCore } from '../captured.ts';
import { fileSource } from '../core-source.ts';
import { elfClassOf } from '../elf/elf-class.ts';
import { MAX_CORE_RANGES } from '../elf/write-core.ts';
import { findModules, MappedFiles } from '../find-modules.ts';
import { readLinkMap } from '../link-map.ts';
import type { ReadMemory } from '../page-cache.ts';
import { noPagemap } from '../pagemap.ts';
import { HeldMemory } from '../process-memory.ts';
import { quickKey } from '../quick-key.ts';
import { readCoreHead } from '../read-core-head.ts';
import { ReturnAddresses } from '../return-addresses.ts';
import { takeSmallCore } from '../small-core.ts';
import { withCodeSegments } from './code-segments.ts';
import { CoreFile } from './core-file.ts';
import { type InitialStrings, readInitialStrings } from './initial-strings.ts';
import { mapsOfCore } from './maps-of-core.ts';
import { type ModuleFiles, openModuleFiles } from './module-files.ts';

/**
 * Up to here a core is handed on whole: gdb then sees all of it, and what is held stays under 256 MiB with the copy that
 * gdb gets. One of more segments than its header has room to count takes gdb longer than it has.
 */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;
/** Of the small core that is made of a larger one: four times that of a crash, because nobody waits. */
const BUDGET_BYTES = 16 * 1024 * 1024;

/** Why a core has not what only /proc tells. */
const NOT_IN_A_CORE = 'a core does not hold it';

/**
 * Captures what a core in a file tells: the same that captureCrash() takes of a process.
 *
 * @param fd A regular file, unpacked; stays the caller's.
 * @throws {NotACoreError} Where it does not begin like a core; Node's error where it, or the sysroot, cannot be read.
 */
export function captureCore(fd: number, files: ModuleFiles): Captured {
  const head = readCoreHead(fileSource(fd));
  const core = new CoreFile(fd);
  if (core.cutBytes > 0)
    head.warnings.push(`core: cut short, ${core.cutBytes} bytes of its memory are missing`);
  const code = new VerifiedFiles(head);
  const read: ReadMemory = (target, at, source) =>
    core.read(target, at, source) || code.read(target, at, source);
  const told = new HeldMemory(head.segments, read);
  const list = readLinkMap(head.auxv, told.everything, elfClassOf(head.bits));
  const found = findModules(list, new MappedFiles(head.files), told.everything);
  head.warnings.push(...list.warnings);
  const modules = openModuleFiles(found, files, head.warnings);
  noteUnverified(modules, head);
  code.add(modules);
  // What was not to be read is in a file by now.
  told.close();
  const segments = withCodeSegments(head.segments, found);
  const memory = segments === head.segments ? told : new HeldMemory(segments, read);
  const strings = readInitialStrings(head.auxv, memory.memory, elfClassOf(head.bits));
  const architecture = architectureOf(head);
  const returns = architecture === null ? null : new ReturnAddresses({ segments }, memory, architecture);
  const key = quickKey(head, returns === null ? null : { memory, modules: found, returns });
  const small = coreOf(fd, { head, memory, list, modules: found, pagemap: noPagemap, returns });
  return {
    head: toldHead(head),
    quickKey: key,
    core: small,
    modules,
    mounts: null,
    snapshot: snapshotOf(head, strings),
  };
}

function coreOf(fd: number, input: Parameters<typeof takeSmallCore>[0]): SmallCore | null {
  if (input.head.threads.length === 0) return null;
  const { size } = fstatSync(fd);
  if (size > MAX_WHOLE_BYTES || input.head.segments.length > MAX_CORE_RANGES)
    return takeSmallCore(input, BUDGET_BYTES);
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for (let count = -1; count !== 0 && filled < size; filled += count) {
    count = readSync(fd, bytes, filled, size - filled, filled);
  }
  return { bytes: bytes.subarray(0, filled), budgetBytes: MAX_WHOLE_BYTES, omitted: [], gaps: [] };
}

function noteUnverified(modules: readonly LoadedModule[], head: CoreHead): void {
  const count = modules.filter(({ fd, buildId }) => fd !== null && buildId === null).length;
  if (count > 0) {
    head.warnings.push(
      `modules: ${count} have no build-id in the core: their files are taken as they lie there now`,
    );
  }
}

/** What the kernel leaves out of cores because files have it: code, of modules whose build-ids agree. */
class VerifiedFiles {
  readonly #mapped: MappedFiles;
  readonly #byPath = new Map<string, number>();

  constructor(head: CoreHead) {
    this.#mapped = new MappedFiles(head.files);
  }

  add(modules: readonly LoadedModule[]): void {
    for (const { fd, buildId, start } of modules) {
      const file = this.#mapped.at(Number(start));
      if (fd !== null && buildId !== null && file !== null)
        this.#byPath.set(file.path.toString('latin1'), fd);
    }
  }

  /** As ReadMemory; within one mapping. */
  read(target: Buffer, at: number, { address, bytes }: { address: number; bytes: number }): number {
    const file = this.#mapped.at(address);
    const fd = file === null ? undefined : this.#byPath.get(file.path.toString('latin1'));
    if (file === null || fd === undefined) return 0;
    const length = Math.min(bytes, Number(file.end) - address);
    const position = Number(file.offset) + address - Number(file.start);
    return readAt(fd, target.subarray(at, at + length), position);
  }
}

function snapshotOf(head: CoreHead, strings: InitialStrings | null): ProcessSnapshot {
  const absent = [
    'stat',
    'status',
    'limits',
    'cgroup',
    'mountinfo',
    'kernelStack',
    'exe',
    'cwd',
    'root',
    'fd',
  ];
  const failures = new Map(absent.map((item) => [item, NOT_IN_A_CORE]));
  if (strings === null) {
    for (const item of ['cmdline', 'environ']) failures.set(item, 'not found at the end of the stack');
  }
  const maps = mapsOfCore(head);
  if (maps.isCut) failures.set('maps', `cut after ${maps.bytes.length} bytes`);
  return {
    pid: head.process?.pid ?? head.threads[0]?.tid ?? 0,
    threadNames: new Map(),
    stat: null,
    status: null,
    threadStatus: null,
    cmdline: strings?.cmdline ?? null,
    environ: strings?.environ ?? null,
    limits: null,
    cgroup: null,
    mountinfo: null,
    maps: maps.bytes,
    kernelStack: null,
    exe: null,
    cwd: null,
    root: null,
    namespaces: null,
    parentComm: null,
    descriptors: [],
    descriptorCount: null,
    failures,
  };
}
