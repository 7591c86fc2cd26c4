import { readdirSync, readFileSync } from 'node:fs';
import { cagedGdb } from './caged-gdb.ts';

/** Starts a gdb in a cage, prints its pid as we see it, and waits to be killed. */
const gdb = cagedGdb();
await gdb.python('print(1)');
const parentOf = (pid: number) =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
for (const pid of pids) {
  try {
    if (parentOf(parentOf(pid)) === process.pid) console.log(pid);
  } catch {
    // It has ended meanwhile.
  }
}
setInterval(() => undefined, 1000);
