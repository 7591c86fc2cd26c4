import { join } from 'node:path';
import { main } from '../server/main.ts';

const stopped = new Promise<string>((resolve) => {
  process.once('SIGTERM', () => resolve('SIGTERM'));
  process.once('SIGINT', () => resolve('SIGINT'));
});

// Beside this program in dist/, where the build puts both.
const client = join(import.meta.dirname, 'usercrash-client');

void main(process.argv.slice(2), { env: process.env, client, stopped }).then((exitCode) => {
  process.exit(exitCode);
});
