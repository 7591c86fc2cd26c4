import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { UNITS } from '../../install/units.ts';
import { until } from '../machine/collecting.ts';
import type { TestDirectories } from '../server/test-server.ts';

const PROGRAMS = join(import.meta.dirname, '../../dist');

/** A systemd that runs our units. */
export interface ServiceManager {
  /** Runs systemctl. @returns What it printed, whatever its exit code. */
  systemctl(...args: string[]): Promise<string>;
}

/**
 * Starts a systemd of the test's own (`--user`, as root), because process 1 may be another program, with our units in it. They are as
 * they are shipped but for their paths, for what only process 1 may do (the runtime and state directories), and where /proc is a
 * container's for ProtectKernelTunables=, which fails there.
 */
export async function startServiceManager(
  t: TestContext,
  { logDir, runDir, stateDir }: TestDirectories,
): Promise<ServiceManager> {
  const runtime = join(stateDir, 'xdg');
  const units = join(runtime, 'systemd/user');
  mkdirSync(units, { recursive: true, mode: 0o700 });
  const booted = join(stateDir, 'booted');
  mkdirSync(join(booted, 'system'), { recursive: true });
  for (const unit of UNITS) {
    const text = readFileSync(join(PROGRAMS, 'systemd', unit), 'utf8');
    writeFileSync(join(units, unit), unitFor(text, { logDir, runDir, stateDir }));
  }
  // It looks at /run/systemd/system: sd_booted(3). In a mount namespace of its own it can have one, beside the machine's journald. /run
  // is a mount wherever systemd is process 1; elsewhere it would give its services an empty one.
  // With what it mounts over what a service is not to see.
  const script = `set -e
mount --make-rprivate /
mount --rbind /run /run
mkdir -p /run/systemd/journal ${booted}/journal
mount --bind /run/systemd/journal ${booted}/journal
mkdir -p ${booted}/inaccessible/dir
touch ${booted}/inaccessible/reg
mount --rbind ${booted} /run/systemd
exec /lib/systemd/systemd --user`;
  const environment = { PATH: process.env['PATH'] ?? '', HOME: stateDir, XDG_RUNTIME_DIR: runtime };
  const manager = spawn('unshare', ['--mount', 'sh', '-c', script], { env: environment, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => manager.once('exit', () => resolve()));
  const systemctl = (...args: string[]) =>
    new Promise<string>((resolve) => {
      execFile(
        'systemctl',
        ['--user', ...args],
        { env: environment, encoding: 'utf8' },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
    });
  t.after(() => stop(manager, ended, systemctl));
  await until('systemd runs', () => existsSync(join(runtime, 'systemd/private')));
  return { systemctl };
}

async function stop(
  manager: ChildProcess,
  ended: Promise<void>,
  systemctl: ServiceManager['systemctl'],
): Promise<void> {
  await systemctl('stop', ...UNITS);
  manager.kill('SIGTERM');
  await ended;
}

function unitFor(text: string, { logDir, runDir, stateDir }: TestDirectories): string {
  const environment = [
    `USERCRASH_LOG_DIR=${logDir} USERCRASH_RUN_DIR=${runDir} USERCRASH_STATE_DIR=${stateDir}`,
    `USERCRASH_CONFIG=${join(stateDir, 'usercrash.toml')}`,
  ].join(' ');
  return (
    text
      .replace(/^(?:Runtime|State)Directory.*\n|^RequiresMountsFor=.*\n/gm, '')
      .replace(isContainersProc() ? /^ProtectKernelTunables=.*\n/m : '', '')
      .replaceAll('/run/usercrash', runDir)
      .replace('ReadWritePaths=-/var/log', `ReadWritePaths=${join(logDir, '..')}`)
      // Process 1 may be out of our reach, and this process is in the same mount namespace.
      .replaceAll('--target 1 --mount', `--mount=/proc/${process.pid}/ns/mnt`)
      .replaceAll('@PROGRAMS@', PROGRAMS)
      .replace('[Service]\n', `[Service]\nEnvironment=${environment}\n`)
  );
}

/** Engines mount something over parts of it. */
function isContainersProc(): boolean {
  return / \/proc\/(?!sys\/fs\/binfmt_misc )/.test(readFileSync('/proc/self/mountinfo', 'latin1'));
}
