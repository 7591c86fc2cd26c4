import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { WITHOUT_LIMITS } from '../test/without-limits.ts';
import { buildCrasher, crash, median, nextReport, startCollector, table } from './collector.ts';

const ROUNDS = 9;
const PAUSE_MS = 1_000;
/** The first is the reference: the same file system on the same kind of disk, without the wait. */
const SYNC_MS = [0, 5];
const DISK_MIB = 256;

/** What a disk costs that takes its time to synchronise, as SATA disks and networks do. @returns A Markdown table. */
export async function measureSlowDisk(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-slow-'));
  const rows: string[][] = [];
  try {
    const program = buildCrasher(directory);
    for (const syncMs of SYNC_MS)
      rows.push([`${syncMs} ms`, ...(await measureDisk(directory, program, syncMs))]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return `Log directory on ext4, on a disk in memory whose sync takes this long. Socket mode where there is one; 1 MiB, 4 threads, median of ${ROUNDS} crashes.\n\n${table(['sync', 'released, ms', 'report, ms'], rows)}`;
}

async function measureDisk(directory: string, program: string, syncMs: number): Promise<string[]> {
  const disk = await mountDisk(join(directory, `disk-${syncMs}`), syncMs);
  const saved = readCoreSysctls();
  const collector = await startCollector(WITHOUT_LIMITS, disk.mountPoint);
  const held: number[] = [];
  const reported: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(PAUSE_MS);
      const seen = nextReport(collector.logDir);
      const [crashed] = await crash(program, { megabytes: 1, threads: 4, runs: 1 });
      held.push(crashed?.heldMs ?? Number.NaN);
      reported.push((await seen).atMs - (crashed?.atUs ?? Number.NaN) / 1000);
    }
  } finally {
    await collector.stop();
    writeCoreSysctls(saved);
    await disk.end();
  }
  return [median(held).toFixed(1), median(reported).toFixed(0)];
}

/** @returns Where it is mounted; `end` takes it away. */
async function mountDisk(
  directory: string,
  syncMs: number,
): Promise<{ mountPoint: string; end(): Promise<void> }> {
  const program = join(directory, 'slow-disk');
  const image = join(directory, 'image');
  const mountPoint = join(directory, 'mounted');
  mkdirSync(mountPoint, { recursive: true });
  writeFileSync(image, '');
  execFileSync('gcc', ['-O1', '-o', program, join(import.meta.dirname, 'slow-disk.c')]);
  const daemon: ChildProcess = spawn(program, [image, `${DISK_MIB}`, `${syncMs}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (daemon.stdout !== null) await once(daemon.stdout, 'data');
  const loop = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
  execFileSync('mkfs.ext4', ['-q', loop]);
  execFileSync('mount', [loop, mountPoint]);
  return {
    mountPoint,
    async end() {
      execFileSync('umount', [mountPoint]);
      execFileSync('losetup', ['--detach', loop]);
      execFileSync('umount', [image]);
      if (daemon.exitCode === null) await once(daemon, 'exit');
    },
  };
}
