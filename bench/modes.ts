import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { socketPatternFor } from '../protocol/core-pattern.ts';
import { pipePattern } from '../server/own-core-pattern.ts';
import type { BenchCollector } from './collector.ts';

const SYSTEMD_COREDUMP = '/lib/systemd/systemd-coredump';
/** Where systemd-coredump leaves cores: coredump.conf(5). */
export const SYSTEMD_CORES = '/var/lib/systemd/coredump';

/** What core_pattern holds. */
export interface BenchMode {
  name: string;
  pattern: string;
  /** The process may not dump at all. */
  noDump?: true;
  isOurs?: true;
  /** The whole core goes to disk, and what that leaves in the processor's caches and on its way to the disk slows down who is next. */
  isWhole?: true;
  /** Removes what a crash has left, which would slow the next one down. */
  cleanUp?: () => void;
}

/** The name of the reference that others are compared with. */
export const REFERENCE = '`\\|/bin/true`';

/**
 * Everything that core_pattern is measured with: nothing, the least, ours, and the others.
 *
 * @param collector Started with `--mode socket` where the kernel has coredump sockets: then both of our modes work.
 * @returns `stop` ends what was started for it.
 */
export async function benchModes(
  directory: string,
  collector: BenchCollector,
): Promise<{ modes: BenchMode[]; stop: () => Promise<void> }> {
  const cat = join(directory, 'cat-core');
  const core = join(directory, 'core.full');
  writeFileSync(cat, `#!/bin/sh\nexec cat >${core}\n`);
  chmodSync(cat, 0o755);
  const modes: BenchMode[] = [
    { name: 'no dump (`ulimit -c 0`)', pattern: 'core', noDump: true },
    { name: REFERENCE, pattern: '|/bin/true' },
  ];
  if (collector.pattern.startsWith('@@')) {
    modes.push({ name: 'usercrash, socket', pattern: socketPatternFor(collector.runDir), isOurs: true });
  }
  modes.push({ name: 'usercrash, pipe', pattern: collector.pipePattern, isOurs: true });
  // What the pipe falls back to where there is no resident client.
  const ownClient = pipePattern(join(import.meta.dirname, '../dist/usercrash-client'), collector.runDir);
  modes.push({ name: 'usercrash, pipe, a client started for it', pattern: ownClient, isOurs: true });
  modes.push({
    ...{ name: '`\\|cat > file`', pattern: `|${cat}`, isWhole: true },
    cleanUp: () => rmSync(core, { force: true }),
  });
  const peer = await startSystemdCoredump();
  if (peer !== null) modes.push({ name: 'systemd-coredump', pattern: peer.pattern, isWhole: true });
  return { modes, stop: () => peer?.stop() ?? Promise.resolve() };
}

/** The peer needs its socket, which systemd would hold where it is pid 1. */
async function startSystemdCoredump(): Promise<{ pattern: string; stop(): Promise<void> } | null> {
  if (!existsSync(SYSTEMD_COREDUMP)) return null;
  mkdirSync('/run/systemd', { recursive: true });
  const pattern = `|${SYSTEMD_COREDUMP} %P %u %g %s %t 9223372036854775808 %h %d`;
  if (existsSync('/run/systemd/coredump')) return { pattern, stop: () => Promise.resolve() };
  const child = spawn(
    'systemd-socket-activate',
    ['-l', '/run/systemd/coredump', '--seqpacket', '-a', SYSTEMD_COREDUMP],
    { stdio: 'ignore' },
  );
  while (!existsSync('/run/systemd/coredump')) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    pattern,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync('/run/systemd/coredump', { force: true });
    },
  };
}
