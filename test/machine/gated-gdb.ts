import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Collecting, startCollecting } from './collecting.ts';
import { compile } from './programs.ts';

/** A gdb that says that it has started, and waits until the test lets it go on. */
interface GatedGdb {
  path: string;
  /** Pids of the clients whose gdb has started, as many as asked for. */
  started(count: number): Promise<number[]>;
  open(): void;
}

function gatedGdb(directory: string): GatedGdb {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'gdb');
  const gate = join(directory, 'gate');
  writeFileSync(
    path,
    `#!/bin/bash
ls -l /proc/self/fd > ${directory}/fds.$PPID 2>&1
echo $PPID >> ${directory}/started
until [ -e ${gate} ]; do sleep 0.02; done
exec gdb "$@"
`,
  );
  chmodSync(path, 0o755);
  const read = () =>
    existsSync(join(directory, 'started')) ? readFileSync(join(directory, 'started'), 'utf8') : '';
  return {
    path,
    async started(count) {
      for (;;) {
        const pids = read().trimEnd().split('\n').filter(Boolean).map(Number);
        if (pids.length >= count) return pids;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    open: () => writeFileSync(gate, ''),
  };
}

/** A collector with such a gdb, and a program that crashes. */
export async function collectingWithGate(
  t: TestContext,
  args: string[] = [],
): Promise<{ collecting: Collecting; gdb: GatedGdb; program: string }> {
  const gdb = gatedGdb(join('/var/tmp', `uc-gate-${process.pid}-${Date.now()}`));
  t.after(() => rmSync(join(gdb.path, '..'), { recursive: true, force: true }));
  const collecting = await startCollecting(t, ['--gdb', gdb.path, ...args]);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  return { collecting, gdb, program };
}
