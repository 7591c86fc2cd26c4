import { deserialize } from 'node:v8';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors/usercrash-error.ts';
import { trimSoon } from '../linux/trim-soon.ts';
import { analyseHanded } from './analyse-handed.ts';
import { Analyser } from './analyser.ts';
import { confineClient } from './confine-client.ts';
import { countRepeats } from './count-repeats.ts';
import { finishCrash, resumeCrash } from './finish-report.ts';
import type { FinishingTask, FinishingWord } from './finisher.ts';
import { kernelLog } from './kernel-log.ts';
import { warmAnalysis } from './warm-analysis.ts';
import { workUnprivileged } from './work-unprivileged.ts';

/**
 * The part of the client that runs when nobody waits any more; a file of its own in dist/, so that it is read only then.
 * In the resident client it is a thread: it may block on the server and on the disk while the next crash is captured.
 */
export { analyseHanded, confineClient, finishCrash, resumeCrash, warmAnalysis, workUnprivileged };

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  workUnprivileged('this');
  // The run directory, from finisher.ts.
  const runDir = String(workerData);
  const analyser = new Analyser(runDir);
  analyser.prepare();
  analyser.warm();
  const trim = trimSoon();
  trim();
  port.on('message', (bytes: Uint8Array) => {
    // Our own main thread serialised it: finisher.ts.
    const task = deserialize(bytes) as FinishingTask;
    trim();
    const say = (word: FinishingWord): void => port.postMessage(word);
    if ('repeats' in task) {
      countRepeats(runDir, task.repeats);
      say('counted');
      return;
    }
    const { crash } = task;
    let isStored = false;
    const stored = (): void => {
      if (!isStored) say('stored');
      isStored = true;
    };
    finishCrash(crash, { stored, analyser })
      .then((repeat) => {
        if (repeat !== null) say(repeat);
      })
      .catch((error: unknown) => {
        kernelLog(
          'error',
          `pid ${crash.kernel.pid}, signal ${crash.kernel.signal}: not collected: ${messageOf(error)}`,
        );
      })
      .finally(() => {
        stored();
        say('finished');
      });
  });
}
