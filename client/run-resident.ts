import { Finisher } from './finisher.ts';
import { startResident } from './resident.ts';

/** How long what is captured may take to be finished when we are told to end. */
const STOP_LIMIT_MS = 20_000;

/**
 * `usercrash-client RUNDIR --resident`: captures crashes that the handover program passes on, until it is told to end.
 *
 * @param stopped Resolves then.
 */
export async function runResident(runDir: string, stopped: Promise<unknown>): Promise<number> {
  const finisher = new Finisher();
  const close = startResident(runDir, ({ kernel, captured, steps }) => {
    finisher.add({ kernel, captured, steps: steps.data });
  });
  await stopped;
  close();
  await finisher.stop(STOP_LIMIT_MS);
  return 0;
}
