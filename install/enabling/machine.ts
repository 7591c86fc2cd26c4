import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

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

  /** Where a file of the machine lies. */
  path(...names: string[]): string {
    return join(this.root || '/', ...names);
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
