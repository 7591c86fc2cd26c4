import { existsSync, statSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../analysis/analyse.ts';
import { makeSymbolIndexes } from '../analysis/gdb/symbol-indexes.ts';
import { readMachine } from '../analysis/machine.ts';
import { prepareAnalysis } from '../analysis/prepare-analysis.ts';
import { recordFromCapture } from '../analysis/record-from-capture.ts';
import { DEFAULT_GDB_LIMITS } from '../analysis/run-gdb.ts';
import { captureCrash } from '../capture/capture.ts';
import type { CoreHead } from '../capture/captured.ts';
import { closeModules } from '../capture/open-modules.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { VERSION } from '../config/version.ts';
import { renderJson } from '../report/render-json.ts';
import { renderText } from '../report/render-text.ts';
import { PATIENT } from './patient.ts';
import { withWaitingProcess } from './waiting-process.ts';

/**
 * `usercrash-client RUNDIR --warm`: analyses a process of our own, once after a start of the machine, as root: V8's compiled form of what an analysis
 * needs is kept in a directory of root's (use-compile-cache.ts), and whoever analyses a crash can write nothing there.
 *
 * @returns The exit code.
 * @throws Whatever keeps it from being made; everything works without it, later.
 */
export async function warmAnalysis(runDir: string): Promise<number> {
  setPriority(PATIENT);
  const done = join(runDir, 'compile-cache', `analysis-${statSync(import.meta.filename).mtimeMs}`);
  if (existsSync(done)) return 0;
  await withWaitingProcess((pid, head) => analyseOnce(pid, head, runDir));
  process.getBuiltinModule('node:module').flushCompileCache();
  makeSymbolIndexes(runDir, DEFAULT_GDB_LIMITS.gdbPath);
  writeFileSync(done, '', { mode: 0o600 });
  return 0;
}

async function analyseOnce(pid: number, head: CoreHead, runDir: string): Promise<void> {
  const { coreBudgetBytes } = readRunSettings(runDir);
  const captured = captureCrash({
    pid,
    tid: pid,
    pidfd: null,
    uid: null,
    head,
    budgetBytes: coreBudgetBytes,
  });
  try {
    const atUs = Date.now() * 1000;
    const record = recordFromCapture({
      captured,
      event: {
        usercrash: VERSION,
        crashId: `${'0'.repeat(32)}-${pid}-0-${atUs}`,
        atUs,
        mode: 'live',
        kind: 'live',
        ...{ pid, tid: pid, namespacePid: null, namespaceTid: null, uid: 0, gid: 0, dumpable: null },
        signalNumber: null,
        notes: [],
      },
      machine: readMachine(),
    });
    const inputs = { core: captured.core?.bytes ?? null, head: captured.head, modules: captured.modules };
    // The machine's own gdb: another that was chosen is not asked for what is no crash.
    const given = { mounts: captured.mounts, runDir, limits: DEFAULT_GDB_LIMITS };
    const prepared = prepareAnalysis(record, given);
    await analyse(record, { ...inputs, prepared, gdb: DEFAULT_GDB_LIMITS });
    renderJson(record);
    renderText(record);
  } finally {
    closeModules(captured.modules);
  }
}
