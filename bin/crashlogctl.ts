import { pathsFrom } from '../config/paths.ts';
import { main } from '../install/main.ts';
import { interruptedBySignals } from '../linux/interrupted-by-signals.ts';

// Until main() says otherwise: a program whose event loop runs empty before has not done what it was to do.
process.exitCode = 1;
void main(process.argv.slice(2), {
  env: process.env,
  paths: pathsFrom(process.env),
  programs: import.meta.dirname,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  isRoot: process.geteuid?.() === 0,
  interrupted: interruptedBySignals(),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
