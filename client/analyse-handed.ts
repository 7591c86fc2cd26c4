import { setPriority } from 'node:os';
import { warmCaged } from '../analysis/cage/start-caged.ts';
import { recordedModules } from '../analysis/reopen-modules.ts';
import { bytesSource } from '../capture/core-source.ts';
import { emptyHead, readCoreHead } from '../capture/read-core-head.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { trimHeap } from '../linux/malloc-trim.ts';
import { setNonDumpable, setThreadName } from '../linux/prctl.ts';
import { confineClient } from './confine-client.ts';
import { type DescriptorRole, type HandedCrash, receiveCrash } from './handed-crash.ts';
import { kernelLog } from './kernel-log.ts';
import { makeReport } from './make-report.ts';
import { PATIENT } from './patient.ts';
import { ReportTarget } from './report-target.ts';
import { Steps } from './steps.ts';
import { workUnprivileged } from './work-unprivileged.ts';

/**
 * `usercrash-client RUNDIR --analyse`: waits for one crash from the resident client that started it, and analyses it.
 *
 * @param socket Where the crash comes from.
 * @returns The exit code: 0 published, or there was no crash; 1 failed.
 */
export async function analyseHanded(runDir: string, socket: number): Promise<number> {
  setThreadName('usercrash-client');
  setPriority(PATIENT);
  warmCaged();
  // It may wait for days.
  trimHeap();
  workUnprivileged('all');
  confineClient();
  const received = receiveCrash(socket);
  if (received === null) return 0;
  setNonDumpable();
  const { crash, descriptors } = received;
  const { record, roles, crashId } = crash;
  const of = (kind: DescriptorRole['kind']) => descriptors.filter((_, index) => roles[index]?.kind === kind);
  const one = (kind: DescriptorRole['kind']) => of(kind)[0] ?? -1;
  const target = ReportTarget.takeOver(runDir, crashId, {
    server: of('server')[0] ?? null,
    files: { text: one('text'), json: one('json'), core: one('core'), captured: one('captured') },
    others: of('other'),
  });
  const core = crash.core === null ? null : Buffer.from(crash.core);
  const read = () => {
    const head = core === null ? emptyHead(0) : readCoreHead(bytesSource(core));
    return { core, head, modules: modulesOf(crash, descriptors) };
  };
  try {
    const steps = new Steps(crash.steps.seenNs, crash.steps.ended);
    const [root = null, namespace = null] = [of('root')[0], of('mounts')[0]];
    const mounts = root === null || namespace === null ? null : { root, namespace };
    await makeReport(record, read, { target, steps, runDir, mounts });
    return 0;
  } catch (error) {
    target.aborted(error);
    const what = `crash ${crashId}: not analysed: ${messageOf(error)}`;
    kernelLog('error', what);
    console.error(what);
    return 1;
  } finally {
    target.close();
  }
}

function modulesOf({ record, roles }: HandedCrash, descriptors: readonly number[]) {
  const modules = recordedModules(record);
  for (const [index, role] of roles.entries()) {
    const fd = descriptors[index];
    const module = role.kind === 'module' ? modules[role.module] : undefined;
    if (role.kind === 'module' && module !== undefined && fd !== undefined)
      Object.assign(module, { fd, mayBlock: role.mayBlock });
  }
  return modules;
}
