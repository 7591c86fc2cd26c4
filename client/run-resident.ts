import { readRunSettings } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { listenDescriptors } from '../systemd/listen-descriptors.ts';
import { confineClient } from './confine-client.ts';
import { listenForCores } from './coredump-socket/listen-for-cores.ts';
import { fallBackToPipe } from './fall-back-to-pipe.ts';
import { Finisher } from './finisher.ts';
import { kernelLog } from './kernel-log.ts';
import { startResident } from './resident.ts';
import { warmUp } from './warm-up.ts';
import { workUnprivileged } from './work-unprivileged.ts';

/** How often it says that it is alive. */
const HEARTBEAT_MS = 500;
/** How long what is captured may take to be finished when we are told to end. */
const STOP_LIMIT_MS = 20_000;

/** What the resident client gets from the process it runs in. */
export interface ResidentProcess {
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  /** Resolves when it is told to end: `orphaned` where whoever started it is gone without a word. */
  stopped: Promise<'told' | 'orphaned'>;
  /** Called when it listens, and again and again while the event loop runs: who started this client ends one that hangs. */
  heartbeat: () => void;
  /** Called once when V8 has compiled what a crash needs: what it does takes milliseconds from now on. */
  warmed: () => void;
}

/**
 * `usercrash-client RUNDIR --resident [--coredump-socket FD]`: captures crashes that the handover program passes on, and
 * with a listening socket those that the kernel connects for, until it is told to end.
 *
 * @param words What follows the program's name.
 */
export async function runResident(words: readonly string[], process_: ResidentProcess): Promise<number> {
  const [runDir = '/'] = words;
  const { coreBudgetBytes, defaultPattern } = readRunSettings(runDir);
  const listener = coredumpSocket(words, process_);
  workUnprivileged('all');
  // In socket mode we start the program that core_pattern named before us; a file we write ourselves.
  if (listener === null || defaultPattern?.startsWith('|') !== true) confineClient();
  const finisher = new Finisher(runDir);
  const close = startResident(runDir, finisher);
  const closeCores = listener === null ? null : listenForCores(listener, runDir, finisher);
  const beating = setInterval(process_.heartbeat, HEARTBEAT_MS);
  process_.heartbeat();
  const ending = new AbortController();
  warmUp(coreBudgetBytes, ending.signal)
    .then(process_.warmed)
    .catch((error: unknown) => {
      if (!ending.signal.aborted) kernelLog('warning', `resident client: not warmed up: ${messageOf(error)}`);
    });
  const why = await process_.stopped;
  ending.abort();
  if (why === 'orphaned' && listener !== null) fallBackToPipe(runDir);
  close();
  await closeCores?.();
  await finisher.stop(STOP_LIMIT_MS);
  clearInterval(beating);
  return 0;
}

/** The listening socket, from whoever started us or from a service manager; null where there is none. */
function coredumpSocket(words: readonly string[], { env, pid }: ResidentProcess): number | null {
  const given = words[words.indexOf('--coredump-socket') + 1];
  if (words.includes('--coredump-socket')) return Number(given);
  return listenDescriptors(env, pid)[0]?.fd ?? null;
}
