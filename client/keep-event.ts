import { writeFileSync } from 'node:fs';
import { readRunSettings } from '../config/run-settings.ts';
import { asRoot } from '../linux/as-root.ts';
import { type CrashEvent, encodeMessage } from '../protocol/codec.ts';
import { pendingFiles } from '../report/pending-files.ts';
import { keepingPlace } from './keeping-place.ts';

/**
 * Keeps of a crash that it happened, for the next server, which counts it.
 *
 * @param event Of one that is excluded, or repeats another: nothing else belongs to it.
 * @throws Node's error where neither the log directory nor the run directory can be written.
 */
export function keepEvent(runDir: string, event: CrashEvent): void {
  const settings = readRunSettings(runDir);
  const { directory } = asRoot(() => keepingPlace(runDir, settings));
  const bytes = encodeMessage('crashEvent', event);
  asRoot(() => writeFileSync(pendingFiles(directory, event.crashId).event, bytes, { mode: 0o600 }));
}
