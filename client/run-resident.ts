import { Finisher } from './finisher.ts';
import { startResident } from './resident.ts';

/** How often it says that it is alive. */
const HEARTBEAT_MS = 500;
/** How long what is captured may take to be finished when we are told to end. */
const STOP_LIMIT_MS = 20_000;

/**
 * `usercrash-client RUNDIR --resident`: captures crashes that the handover program passes on, until it is told to end.
 *
 * @param stopped Resolves then.
 * @param heartbeat Called again and again while the event loop runs: who started this client ends one that hangs.
 */
export async function runResident(
  runDir: string,
  stopped: Promise<unknown>,
  heartbeat: () => void,
): Promise<number> {
  const finisher = new Finisher();
  const close = startResident(runDir, ({ kernel, captured, steps }) => {
    finisher.add({ kernel, captured, steps: steps.data });
  });
  const beating = setInterval(heartbeat, HEARTBEAT_MS);
  heartbeat();
  await stopped;
  close();
  await finisher.stop(STOP_LIMIT_MS);
  clearInterval(beating);
  return 0;
}
