import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Captured } from '../../../capture/captured.ts';
import { captureCore } from '../../../capture/file/capture-core.ts';
import { closeModules } from '../../../capture/open-modules.ts';
import { NotACoreError } from '../../../capture/read-core-head.ts';
import { assertRecord, recordOf } from '../assert-record.ts';
import { readCorpus } from '../corpus.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { assertHead } from './core-head.ts';

const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
const fd = openSync(join(directory, 'core'), 'w+');
const executable = openSync(join(directory, 'exe'), 'w+');
writeSync(executable, readCorpus('elf-file')[0] ?? Buffer.alloc(0));

/** A core in a file, whole or small, as `debugger --core` takes it. */
export const coreFile: FuzzTarget = {
  name: 'core-file',
  corpus: 'small-core',
  check(input) {
    ftruncateSync(fd);
    writeSync(fd, input, 0, input.length, 0);
    const openBefore = readdirSync('/proc/self/fd').length;
    const captured = capturedOf(input.length % 2 === 0);
    if (captured === null) return;
    assertHead({ ...captured.head, noteBytes: Buffer.alloc(0) }, input.length);
    assert.ok(captured.core === null || captured.core.bytes.equals(input), 'a small one is handed on whole');
    // Deleted: nobody has to look for the package of a file whose name is made up, which takes 20 ms.
    const modules = captured.modules.map((module) => ({ ...module, deleted: true }));
    assertRecord(recordOf({ ...captured, modules }));
    assert.equal(readdirSync('/proc/self/fd').length, openBefore, 'descriptors stay open');
  },
  close() {
    closeSync(fd);
    closeSync(executable);
    rmSync(directory, { recursive: true, force: true });
  },
};

/** @param isNamed Whether the executable was named, as by `--exe`. Its descriptor ends with the modules. */
function capturedOf(isNamed: boolean): Captured | null {
  const named = isNamed ? openSync(`/proc/self/fd/${executable}`, 'r') : null;
  let captured: Captured | null = null;
  try {
    captured = captureCore(fd, {
      sysroot: '/',
      executable: named === null ? null : { path: Buffer.from('/exe'), fd: named },
    });
    return captured;
  } catch (error) {
    if (!(error instanceof NotACoreError)) throw error;
    return null;
  } finally {
    const isTaken = captured?.modules.some((module) => module.fd === named) ?? false;
    if (captured !== null) closeModules(captured.modules);
    if (named !== null && !isTaken) closeSync(named);
  }
}
