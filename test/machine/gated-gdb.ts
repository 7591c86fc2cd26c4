import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Collecting, linesOf, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

/** A gdb that waits until the test lets it go on; in its cage it can tell nobody that it has started, so it is looked for. */
interface GatedGdb {
  path: string;
  /** Pids of the clients whose gdb has started, as many as asked for. */
  started(count: number): Promise<number[]>;
  /** What the descriptors of a client's gdb are. */
  descriptors(client: number): string[];
  open(): void;
}

function gatedGdb(directory: string): GatedGdb {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'gdb');
  const gate = join(directory, 'gate');
  writeFileSync(
    path,
    `#!/bin/bash
until [ -e ${gate} ]; do sleep 0.02; done
exec gdb "$@"
`,
  );
  chmodSync(path, 0o755);
  /** Client -> its gdb, of all that were ever seen. */
  const seen = new Map<number, number>();
  const look = () => {
    for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
      const words = textOf(`/proc/${pid}/cmdline`).split('\0');
      // Between the client and gdb is the cage's program, which waits for it. What the script starts looks like it for a moment.
      const parent = words[0] === '/bin/bash' && words[1] === path ? parentOf(pid) : 0;
      const client = textOf(`/proc/${parent}/cmdline`).startsWith('usercrash-cage') ? parentOf(parent) : 0;
      // One whose client was killed is about to be.
      if (client > 1) seen.set(client, pid);
    }
    return [...seen.keys()];
  };
  return {
    path,
    async started(count) {
      for (;;) {
        const pids = look();
        if (pids.length >= count) return pids;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    descriptors(client) {
      const directory = `/proc/${seen.get(client)}/fd`;
      return readdirSync(directory).map((fd) => readlinkSync(join(directory, fd)));
    },
    open: () => writeFileSync(gate, ''),
  };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1]);
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** A collector with such a gdb, and a program that crashes. */
interface GatedCollecting {
  collecting: Collecting;
  gdb: GatedGdb;
  program: string;
  /**
   * Resolves when a crash waits and its client has been told; one that was not would make the report itself, were the server gone. The
   * line in the history is written before, and what the server has done for a later crash comes after it.
   */
  toldToWait(pid: number): Promise<void>;
}

export async function collectingWithGate(t: TestContext, args: string[] = []): Promise<GatedCollecting> {
  const gdb = gatedGdb(join('/var/tmp', `uc-gate-${process.pid}-${Date.now()}`));
  t.after(() => rmSync(join(gdb.path, '..'), { recursive: true, force: true }));
  const collecting = await startCollecting(t, ['--gdb', gdb.path, ...args]);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const told = (pid: number) => until(`${pid} is told`, () => linesOf(collecting, pid).length > 0);
  return {
    ...{ collecting, gdb, program },
    async toldToWait(pid) {
      await told(pid);
      await told((await run(program)).pid);
    },
  };
}
