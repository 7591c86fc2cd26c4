import '../test/capture/held-client.ts';
import { openSync, writeFileSync } from 'node:fs';
import { captureCrash } from '../capture/capture.ts';
import { fdSource } from '../capture/core-source.ts';
import { closeModules } from '../capture/open-modules.ts';
import { readCoreHead } from '../capture/read-core-head.ts';
import { DEFAULT_BUDGET_BYTES } from '../capture/small-core.ts';

/** What is taken of a process with one figure of the policy changed. */
export interface Taken {
  name: string;
  factor: number;
  /** More than without the change, and processor time in ms. */
  moreBytes: number;
  moreMs: number;
  /** Of the small core; null where it is the same as without the change. */
  path: string | null;
}

/** What policy-client.ts leaves of a crash. */
export interface TakenOfCrash {
  bytes: number;
  ms: number;
  changes: Taken[];
}

declare global {
  /** By changeable() in policy-constants.ts. */
  var policy: Record<string, (factor: number) => () => void>;
}

/**
 * Started by the kernel for a crash, as held-client.ts, which does all that it does first: then takes the small core of the
 * held process once more with each figure of the policy halved and doubled. Leaves those that differ, and what came of all
 * in `PID.taken`.
 *
 *   policy-client.ts PID TID DIRECTORY
 */
const [pid = 0, tid = 0] = process.argv.slice(2, 4).map(Number);
const base = `${process.argv[4]}/${pid}`;
const FACTORS = [0.5, 2];
/** Captures of which the fastest counts. */
const REPEATS = 3;

const head = readCoreHead(fdSource(openSync(`${base}.full`, 'r')));
const changes: Taken[] = [];
const usual = capture();
for (const [name, change] of Object.entries(globalThis.policy)) {
  for (const factor of FACTORS) changes.push(take(name, factor, change));
}
const taken: TakenOfCrash = { bytes: usual.core.length, ms: usual.ms, changes };
writeFileSync(`${base}.taken`, JSON.stringify(taken));

/** Next to a capture without the change: code becomes faster while it runs, and pages that were read are there from then on. */
function take(name: string, factor: number, change: (factor: number) => () => void): Taken {
  const before = capture();
  const restore = change(factor);
  const { core, ms } = capture();
  restore();
  const path = before.core.equals(core) ? null : `${base}.${name}.${factor}.small`;
  if (path !== null) writeFileSync(path, core);
  return { name, factor, moreBytes: core.length - before.core.length, moreMs: ms - before.ms, path };
}

function capture(): { core: Buffer; ms: number } {
  let least = Number.POSITIVE_INFINITY;
  let bytes: Buffer = Buffer.alloc(0);
  for (let count = 0; count < REPEATS; count += 1) {
    const from = process.cpuUsage();
    const { core, modules } = captureCrash({
      ...{ pid, tid, pidfd: null, uid: null, head: { ...head, warnings: [] } },
      budgetBytes: DEFAULT_BUDGET_BYTES,
    });
    const { user, system } = process.cpuUsage(from);
    closeModules(modules);
    if (core !== null) bytes = core.bytes;
    least = Math.min(least, (user + system) / 1000);
  }
  return { core: bytes, ms: least };
}
