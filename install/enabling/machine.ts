import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { hasErrno } from '../../linux/system-call-error.ts';

/** How a program ended. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** The machine that is changed: this one, or an image of another below a directory. */
export class Machine {
  /** Before every path; empty for this machine. */
  readonly root: string;
  /** Where core_pattern and core_pipe_limit are; null for an image, whose kernel does not run. */
  readonly sysctls: string | null;

  /**
   * @param root Absolute; null for this machine.
   * @param env `USERCRASH_SYSCTLS`: a directory with a test's own core_pattern and core_pipe_limit.
   */
  constructor(root: string | null, env: Readonly<Record<string, string | undefined>>) {
    this.root = root ?? '';
    this.sysctls = env['USERCRASH_SYSCTLS'] ?? (root === null ? '/proc/sys/kernel' : null);
  }

  /** Whether a systemd runs it: sd_booted(3). */
  get isBooted(): boolean {
    return this.root === '' && existsSync('/run/systemd/system');
  }

  /** Where a file of the machine lies. @param name As the machine itself calls it; never above its root. */
  path(name: string): string {
    return join(this.root || '/', resolve('/', name));
  }

  /** How the machine itself calls it when it runs: the opposite of {@link path}. */
  nameOf(path: string): string {
    return resolve('/', relative(this.root || '/', path));
  }

  /**
   * What is changed in an image is to be in it, whatever links somebody has put there: they are meant for the machine when it runs.
   *
   * @param path Need not be there yet.
   * @throws {UsercrashError} E_NOT_OURS.
   */
  assertInside(path: string): void {
    if (this.root === '') return;
    const real = realPathAbove(dirname(path));
    if (!/^\.\.(?:\/|$)/.test(relative(realpathSync(this.root), real))) return;
    throw new UsercrashError('E_NOT_OURS', `${dirname(path)} leads out of ${this.root}, to ${real}`, {
      fix: `chroot ${this.root}, and there the same with --root /`,
    });
  }

  /** Runs systemctl, systemd-sysusers or systemd-tmpfiles. */
  run(program: string, ...args: string[]): Promise<Ran> {
    const words = this.root === '' ? args : [`--root=${this.root}`, ...args];
    return new Promise((resolve) => {
      execFile(program, words, { encoding: 'utf8' }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
      });
    });
  }

  /** @throws {Error} With what the program said, where it did not end with 0. */
  async must(program: string, ...args: string[]): Promise<void> {
    const { code, stderr } = await this.run(program, ...args);
    if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}: ${stderr.trim()}`);
  }
}

/** Of the nearest that is there. */
function realPathAbove(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return realPathAbove(dirname(path));
    throw error;
  }
}
