import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { architectureOf } from '../../capture/arch/architecture.ts';
import { captureCrash } from '../../capture/capture.ts';
import type { CoreHead } from '../../capture/captured.ts';
import { fdSource } from '../../capture/core-source.ts';
import { elfClassOf } from '../../capture/elf/elf-class.ts';
import { FileSystems } from '../../capture/file-systems.ts';
import { findModules, MappedFiles } from '../../capture/find-modules.ts';
import { readLinkMap } from '../../capture/link-map.ts';
import { closeModules } from '../../capture/open-modules.ts';
import { openPagemap } from '../../capture/pagemap.ts';
import { openProcessMemory } from '../../capture/process-memory.ts';
import { quickKeyParts } from '../../capture/quick-key.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { ReturnAddresses } from '../../capture/return-addresses.ts';
import { UnansweredPages } from '../../capture/unanswered-pages.ts';

/**
 * Started by the kernel for a crash, in place of our client: captures the process, then saves the rest of the stream as
 * well, so that a test can hold the small core against the full one of the very same crash.
 *
 *   held-client.ts PID TID DIRECTORY [BUDGET [small]]
 *
 * With `small` the rest of the stream is not read, and nothing is captured again.
 * HELD_CLIENT=key-only in the environment of the dead process: neither its full core nor figures are wanted.
 */
const [pid = 0, tid = 0] = process.argv.slice(2, 4).map(Number);
const directory = process.argv[4] ?? '/';
const budgetBytes = Number(process.argv[5] ?? 8 * 1024 * 1024);
/** Captures of the same process by which a warm one is measured: so many, or so long. */
const REPEATS = 12;
const REPEATED_MS = 250;
const BLOCK_BYTES = 1 << 16;
// Descriptors 1 and 2 are not open: an error would be lost, and a file that is opened would become one of them.
const log = openSync(`${directory}/${pid}.log`, 'w');
while (openSync('/dev/null', 'w') <= 2);

try {
  const parts: Buffer[] = [];
  const stdin = fdSource(0);
  const head = readCoreHead({
    read(length) {
      const bytes = stdin.read(length);
      parts.push(bytes);
      return bytes;
    },
  });
  const told = { pid, tid, pidfd: null, uid: null };
  const headRead = performance.now();
  const again = (): CoreHead => ({ ...head, warnings: [] });
  const captured = captureCrash({ ...told, head, budgetBytes });
  const ended = performance.now();
  let warmMs = ended - headRead;
  const isSmall = process.argv[6] === 'small';
  // Of memory that nobody answers for nothing is asked that the capture has not asked for.
  const environment = isSmall ? '' : readFileSync(`/proc/${tid}/environ`, 'latin1');
  const isKeyOnly = isSmall || environment.split('\0').includes('HELD_CLIENT=key-only');
  let { keyMs, keyParts } = isSmall ? { keyMs: 0, keyParts: [] as string[] } : measureKey(again());
  for (let count = 0; !isKeyOnly && count < REPEATS && performance.now() - ended < REPEATED_MS; count += 1) {
    const from = performance.now();
    closeModules(captureCrash({ ...told, head: again(), budgetBytes }).modules);
    warmMs = Math.min(warmMs, performance.now() - from);
    const measured = measureKey(again());
    keyMs = Math.min(keyMs, measured.keyMs);
    keyParts = measured.keyParts;
  }
  if (!isKeyOnly) saveCore(parts);
  if (captured.core !== null) writeFileSync(`${directory}/${pid}.small`, captured.core.bytes);
  const { snapshot } = captured;
  const text = (bytes: Buffer | null) => bytes?.toString('latin1');
  const facts = {
    quickKey: captured.quickKey,
    omitted: captured.core?.omitted ?? null,
    gaps: captured.core?.gaps.map((gap) => ({ ...gap, returns: [...gap.returns] })) ?? [],
    warnings: head.warnings,
    tids: head.threads.map((thread) => thread.tid),
    signal: head.signal && {
      ...head.signal,
      address: head.signal.address === null ? null : Number(head.signal.address),
    },
    modules: captured.modules.map((module) => ({
      name: text(module.name),
      path: text(module.path),
      deleted: module.deleted,
      buildId: module.buildId,
      isExecutable: module.isExecutable,
      base: Number(module.base),
      isOpen: module.fd !== null,
    })),
    threadNames: Array.from(snapshot.threadNames, ([id, name]) => [id, text(name)]),
    failures: Object.fromEntries(snapshot.failures),
    cmdline: text(snapshot.cmdline),
    exe: text(snapshot.exe),
    cwd: text(snapshot.cwd),
    parentComm: text(snapshot.parentComm),
    kernelStack: text(snapshot.kernelStack),
    targets: snapshot.descriptors.map(({ target }) => text(target)),
    descriptorCount: snapshot.descriptorCount,
    captureMs: ended - headRead,
    warmMs,
    keyMs,
    keyParts,
  };
  writeFileSync(`${directory}/${pid}.json`, JSON.stringify(facts));
} catch (error) {
  writeSync(log, String(error instanceof Error ? error.stack : error));
}

/** The quick key alone, of memory of which nothing has been read yet, in processor time: other tests run beside. */
function measureKey(head: CoreHead): { keyMs: number; keyParts: string[] } {
  const pagemap = openPagemap(tid);
  const fileSystems = new FileSystems(tid);
  const unanswered = new UnansweredPages(tid, head, { pagemap, fileSystems });
  const memory = openProcessMemory(tid, head.segments, unanswered);
  try {
    const list = readLinkMap(head.auxv, memory.everything, elfClassOf(head.bits));
    const modules = findModules(list, new MappedFiles(head.files), memory.everything);
    const from = process.cpuUsage();
    const architecture = architectureOf(head);
    const returns = architecture === null ? null : new ReturnAddresses(head, memory, architecture);
    const keyParts = quickKeyParts(head, returns === null ? null : { memory, modules, returns });
    const { user, system } = process.cpuUsage(from);
    return { keyMs: (user + system) / 1000, keyParts };
  } finally {
    memory.close();
    pagemap.close();
  }
}

/** The stream's beginning and what is left of it, with a hole wherever there is nothing but zeros. */
function saveCore(parts: readonly Buffer[]): void {
  const full = openSync(`${directory}/${pid}.full`, 'w');
  for (const part of parts) writeSync(full, part);
  let at = parts.reduce((sum, { length }) => sum + length, 0);
  const buffer = Buffer.allocUnsafe(1 << 20);
  const zeros = Buffer.alloc(BLOCK_BYTES);
  for (let count = readSync(0, buffer); count > 0; count = readSync(0, buffer)) {
    for (let from = 0; from < count; from += BLOCK_BYTES) {
      const block = buffer.subarray(from, Math.min(count, from + BLOCK_BYTES));
      if (!block.equals(zeros.subarray(0, block.length))) writeSync(full, block, 0, block.length, at + from);
    }
    at += count;
  }
  ftruncateSync(full, at);
  closeSync(full);
}
