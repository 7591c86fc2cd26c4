import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/**
 * Started by the kernel for a crash, in place of our client: captures the process, then saves the rest of the stream as
 * well, so that a test can hold the small core against the full one of the very same crash.
 *
 *   held-client.ts PID TID DIRECTORY [BUDGET [small]]
 *
 * With `small` the rest of the stream is not read.
 */
const [pid = 0, tid = 0] = process.argv.slice(2, 4).map(Number);
const directory = process.argv[4] ?? '/';
const budgetBytes = Number(process.argv[5] ?? 4 * 1024 * 1024);
// Descriptors 1 and 2 are not open: an error would be lost, and a file that is opened would become one of them.
const log = openSync(`${directory}/${pid}.log`, 'w');
while (openSync('/dev/null', 'w') <= 2);

function saveFull(parts: readonly Buffer[]): void {
  const full = openSync(`${directory}/${pid}.full`, 'w');
  for (const part of parts) writeSync(full, part);
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let count = readSync(0, buffer); count > 0; count = readSync(0, buffer)) {
    writeSync(full, buffer, 0, count);
  }
  closeSync(full);
}

try {
  const started = performance.now();
  const { captureCrash } = await import('../../capture/capture.ts');
  const { fdSource } = await import('../../capture/core-source.ts');
  const { readCoreHead } = await import('../../capture/read-core-head.ts');
  const imported = performance.now();
  const parts: Buffer[] = [];
  const stdin = fdSource(0);
  const head = readCoreHead({
    read(length) {
      const bytes = stdin.read(length);
      parts.push(bytes);
      return bytes;
    },
  });
  const headRead = performance.now();
  const captured = captureCrash({ pid, tid, head, budgetBytes });
  const ended = performance.now();
  if (process.argv[6] !== 'small') saveFull(parts);
  if (captured.core !== null) writeFileSync(`${directory}/${pid}.small`, captured.core.bytes);
  const { snapshot } = captured;
  const text = (bytes: Buffer | null) => bytes?.toString('latin1');
  const facts = {
    quickKey: captured.quickKey,
    omitted: captured.core?.omitted ?? null,
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
    importMs: imported - started,
    headMs: headRead - imported,
    captureMs: ended - headRead,
  };
  writeFileSync(`${directory}/${pid}.json`, JSON.stringify(facts));
} catch (error) {
  writeSync(log, String(error instanceof Error ? error.stack : error));
}
