import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { buildCrasher, crash, median, published, startCollector, table } from './collector.ts';

const SYSTEMD_COREDUMP = '/lib/systemd/systemd-coredump';
const ROUNDS = 9;
/**
 * Before every crash, whatever the mode: what the last one left has ended by then, and the processor has been idle for as long.
 */
const PAUSE_MS = 1_000;
const SIZES = [1, 1024];

interface Mode {
  name: string;
  sysctls: CoreSysctls;
  noDump?: boolean;
}

/** How long a crashed process stays unreaped, by what core_pattern holds. @returns A Markdown table. */
export async function measureRelease(): Promise<string> {
  const saved = readCoreSysctls();
  const directory = mkdtempSync(join(tmpdir(), 'uc-release-'));
  const program = buildCrasher(directory);
  const collector = await startCollector();
  const peer = await startSystemdCoredump();
  const limit = readCoreSysctls().corePipeLimit;
  const piped = (pattern: string): CoreSysctls => ({ corePattern: pattern, corePipeLimit: limit });
  const cat = join(directory, 'cat-core');
  writeFileSync(cat, `#!/bin/sh\nexec cat >${directory}/core.full\n`);
  chmodSync(cat, 0o755);
  const modes: Mode[] = [
    { name: 'no dump (`ulimit -c 0`)', sysctls: { corePattern: 'core', corePipeLimit: 0 }, noDump: true },
    { name: '`\\|/bin/true`', sysctls: piped('|/bin/true') },
    { name: 'usercrash, pipe', sysctls: piped(collector.pattern) },
    { name: '`\\|cat > file`', sysctls: piped(`|${cat}`) },
  ];
  if (peer !== null) modes.push({ name: 'systemd-coredump', sysctls: piped(peer.pattern) });
  const held = new Map<string, number[]>();
  try {
    // Rounds that go through all modes: what else the machine does hits every mode alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const mode of modes) {
        for (const megabytes of SIZES) {
          writeCoreSysctls(mode.sysctls);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          const crashes = await crash(program, {
            megabytes,
            threads: 4,
            runs: 1,
            noDump: mode.noDump ?? false,
          });
          const key = `${mode.name} ${megabytes}`;
          // The analysis of one crash must not be in the way of the next one's measurement.
          if (mode.sysctls.corePattern === collector.pattern) await published(collector.logDir, crashes);
          held.set(key, [...(held.get(key) ?? []), ...crashes.map(({ heldMs }) => heldMs)]);
        }
      }
    }
  } finally {
    writeCoreSysctls({ ...saved, corePattern: collector.pattern });
    await collector.stop();
    await peer?.stop();
    writeCoreSysctls(saved);
    rmSync(directory, { recursive: true, force: true });
  }
  const of = (mode: string, megabytes: number) => median(held.get(`${mode} ${megabytes}`) ?? []);
  const rows = modes.map(({ name }) => [
    name,
    ...SIZES.flatMap((megabytes) => {
      const ms = of(name, megabytes);
      const reference = of('`\\|/bin/true`', megabytes);
      return [ms.toFixed(1), `${(ms / reference).toFixed(2)}`, `${(ms - reference).toFixed(1)}`];
    }),
  ]);
  const head = [
    'core_pattern',
    ...SIZES.flatMap((megabytes) => [`${megabytes} MiB: ms`, '× true', 'ms − true']),
  ];
  const note = peer === null ? '\nsystemd-coredump is not installed here.\n' : '';
  return `Median of how long a process with 4 threads stays unreaped after its crash, ${ROUNDS} rounds.\n\n${table(head, rows)}${note}`;
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
