/** A worker thread that follows a namespace until it has seen `count` entries, and posts their messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { Journal } from '../src/index.ts';

// Its only starter, follow.test.ts, hands it both.
const { namespace, count } = workerData as { namespace: string; count: number };
using journal = Journal.open({ namespace });
let seen = 0;
for await (const entry of journal.addMatch('TEST', 'follow').follow()) {
  parentPort?.postMessage(entry.message);
  seen += 1;
  if (seen === count) break;
}
