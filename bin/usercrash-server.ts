import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../server/main.ts';

const stopped = new Promise<string>((resolve) => {
  // Also a terminal that is closed: core_pattern must not be left pointing at a server that is gone.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)
    process.on(signal, () => resolve(signal));
});

// Beside this program in dist/, where the build puts both.
const client = join(import.meta.dirname, 'usercrash-client');
const handover = join(import.meta.dirname, 'usercrash-handover');

void main(process.argv.slice(2), {
  env: process.env,
  client,
  handover: existsSync(handover) ? handover : null,
  stopped,
}).then((exitCode) => {
  process.exit(exitCode);
});
