import { collectCrash } from '../client/collect-crash.ts';
import { useCompileCache } from '../client/use-compile-cache.ts';

const words = process.argv.slice(2);

/** Loaded only by whom they are for: the first line of this file to run is already time that a dead process waits. */
async function run(): Promise<number> {
  switch (words[1]) {
    case '--resume': {
      useCompileCache(words[0] ?? '');
      const { resumeCrash } = await import('../client/finish-worker.ts');
      return resumeCrash(words);
    }
    case '--default-handler': {
      const { runDefaultHandler } = await import('../client/default-handler/run-default-handler.ts');
      return runDefaultHandler(words);
    }
    case '--resident': {
      const { runResident } = await import('../client/run-resident.ts');
      const stopped = new Promise<'told' | 'orphaned'>((resolve) => {
        process.once('SIGTERM', () => resolve('told'));
        process.once('SIGINT', () => resolve('told'));
        // Whoever started it holds the other end.
        process.stdin.once('close', () => resolve('orphaned')).resume();
      });
      process.stdout.on('error', () => undefined); // Whoever started it is gone: stdin says so as well.
      const heartbeat = () => process.stdout.write('.');
      return runResident(words, { env: process.env, pid: process.pid, stopped, heartbeat });
    }
    default:
      return collectCrash(words);
  }
}

void run().then((exitCode) => process.exit(exitCode));
