import { main } from '../debugger/main.ts';
import { exitNow } from '../linux/exit-now.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
}

void main(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  pid: process.pid,
  isRoot: process.geteuid?.() === 0,
  interrupted: interruption.signal,
}).then(exitNow);
