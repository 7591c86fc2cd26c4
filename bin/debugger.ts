import { main } from '../debugger/main.ts';
import { exitNow } from '../linux/exit-now.ts';
import { interruptedBySignals } from '../linux/interrupted-by-signals.ts';

void main(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  pid: process.pid,
  isRoot: process.geteuid?.() === 0,
  interrupted: interruptedBySignals(),
}).then(exitNow);
