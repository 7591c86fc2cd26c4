import { collectCrash } from '../client/collect-crash.ts';
import { useCompileCache } from '../client/use-compile-cache.ts';

const words = process.argv.slice(2);
/** What a client that was started for an analysis has its crash from: client/analyser.ts. */
const HANDED = 3;
/** How long a warm resident client may be silent: half a second is what it should be. */
const WARM_SILENCE_US = 10_000_000;

/** Loaded only by whom they are for: the first line of this file to run is already time that a dead process waits. */
async function run(): Promise<number> {
  switch (words[1]) {
    case '--resume': {
      useCompileCache(words[0] ?? '');
      const { resumeCrash } = await import('../client/finish-worker.ts');
      return resumeCrash(words);
    }
    case '--analyse': {
      useCompileCache(words[0] ?? '');
      const { analyseHanded } = await import('../client/finish-worker.ts');
      return analyseHanded(words[0] ?? '', HANDED);
    }
    case '--warm': {
      useCompileCache(words[0] ?? '');
      const { warmAnalysis } = await import('../client/finish-worker.ts');
      return warmAnalysis(words[0] ?? '');
    }
    case '--default-handler': {
      const { runDefaultHandler } = await import('../client/default-handler/run-default-handler.ts');
      return runDefaultHandler(words);
    }
    case '--direct': {
      const { directCrashes } = await import('../client/direct-crashes.ts');
      return directCrashes(words[0] ?? '');
    }
    case '--resident': {
      const [{ runResident }, { notify }, { asRoot }] = await Promise.all([
        import('../client/run-resident.ts'),
        import('../systemd/notify.ts'),
        import('../linux/as-root.ts'),
      ]);
      const { env } = process;
      const isService = env['NOTIFY_SOCKET'] !== undefined;
      const stopped = new Promise<'told' | 'orphaned'>((resolve) => {
        process.once('SIGTERM', () => resolve('told'));
        process.once('SIGINT', () => resolve('told'));
        // Whoever started it holds the other end; systemd does not.
        if (!isService) process.stdin.once('close', () => resolve('orphaned')).resume();
      });
      process.stdout.on('error', () => undefined); // Whoever started it is gone: stdin says so as well.
      const heartbeat = () => {
        // Where the manager's socket is may be root's alone.
        if (isService) asRoot(() => notify({ READY: '1', WATCHDOG: '1' }, env));
        else process.stdout.write('.');
      };
      const warmed = () => {
        if (isService) asRoot(() => notify({ WATCHDOG_USEC: WARM_SILENCE_US }, env));
      };
      return runResident(words, { env, pid: process.pid, stopped, heartbeat, warmed });
    }
    default:
      return collectCrash(words, (end) => process.on('SIGTERM', end));
  }
}

void run().then((exitCode) => process.exit(exitCode));
