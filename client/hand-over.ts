import type { Captured } from '../capture/captured.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import type { Analyser } from './analyser.ts';
import type { DescriptorRole } from './handed-crash.ts';
import type { ReportTarget } from './report-target.ts';
import type { Steps } from './steps.ts';

/**
 * Gives a stored crash to a process of its own (analyse-handed.ts), with all that is open for it. What is open here stays the
 * caller's, who closes it at once: the server shall notice when that process is gone.
 *
 * @returns `ended` resolves when that process has ended.
 * @throws {SystemCallError} Where no process takes it.
 */
export function handOver(
  captured: Captured,
  given: { record: CrashRecord; target: ReportTarget; steps: Steps; analyser: Analyser },
): { ended: Promise<void> } {
  const { record, target, steps, analyser } = given;
  const { server, files, others } = target.descriptors;
  const handed: [role: DescriptorRole, fd: number][] = [
    [{ kind: 'text' }, files.text],
    [{ kind: 'json' }, files.json],
    [{ kind: 'core' }, files.core],
    [{ kind: 'captured' }, files.captured],
  ];
  if (server !== null) handed.push([{ kind: 'server' }, server]);
  for (const fd of others) handed.push([{ kind: 'other' }, fd]);
  if (captured.mounts !== null) {
    handed.push([{ kind: 'root' }, captured.mounts.root], [{ kind: 'mounts' }, captured.mounts.namespace]);
  }
  for (const [module, { fd, mayBlock }] of captured.modules.entries()) {
    if (fd !== null) handed.push([{ kind: 'module', module, mayBlock }, fd]);
  }
  return analyser.give(
    {
      crashId: target.crashId,
      record,
      steps: steps.data,
      core: captured.core?.bytes ?? null,
      roles: handed.map(([role]) => role),
    },
    handed.map(([, fd]) => fd),
  );
}
