import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { asRoot } from '../../linux/as-root.ts';
import { lowerRights, regainRights } from '../../linux/lower-rights.ts';
import { getDumpable } from '../../linux/prctl.ts';

/** Puts root's rights down, in a directory of its own, and prints as JSON what it can then do, and as whom. */
const [directory = ''] = process.argv.slice(2);
const USER = { uid: 65_529, gid: 65_529 };

const ids = () => [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
const attempt = (act: () => unknown) => {
  try {
    act();
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
};
const secret = join(directory, 'secret');

if (isMainThread) {
  writeFileSync(secret, '', { mode: 0o600 });
  lowerRights(USER, 'all');
  const lowered = ids();
  const worker = asRoot(() => new Worker(import.meta.filename, { argv: [directory] }));
  const inWorker = await new Promise((resolve) => worker.once('message', resolve));
  const made = join(directory, 'made');
  const result = {
    lowered,
    read: attempt(() => readFileSync(secret)),
    readAsRoot: attempt(() => asRoot(() => readFileSync(secret))),
    raised: asRoot(() => asRoot(ids)),
    failing: attempt(() => asRoot(() => readFileSync('/nonexistent'))),
    after: ids(),
    dumpable: getDumpable(),
    made: asRoot(() => {
      mkdirSync(made);
      return [statSync(made).uid, statSync(made).gid];
    }),
    inWorker,
  };
  regainRights();
  const regained = [ids(), attempt(() => readFileSync(secret))];
  console.log(JSON.stringify({ ...result, regained }));
} else {
  const first = ids();
  lowerRights(USER, 'this');
  parentPort?.postMessage([first, ids(), attempt(() => readFileSync(secret)), asRoot(ids)]);
}
