import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A machine's files, and sysctls of its own. */
export interface MachineTree {
  root: string;
  sysctls: string;
}

/** What the machine had before us: a handler by pipe. */
export const BEFORE = { corePattern: '|/usr/bin/true %P %s', corePipeLimit: 3 };

export function machineTree(t: TestContext): MachineTree {
  const directory = mkdtempSync('/var/tmp/uc-machine-');
  t.after(() => rmSync(directory, { recursive: true }));
  const tree = { root: join(directory, 'root'), sysctls: join(directory, 'sysctls') };
  for (const path of ['etc/systemd/system', 'usr/lib/systemd/system', 'run', 'var/log', 'var/lib']) {
    mkdirSync(join(tree.root, path), { recursive: true });
  }
  writeFileSync(join(tree.root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(tree.root, 'etc/group'), 'root:x:0:\n');
  mkdirSync(tree.sysctls);
  writeFileSync(join(tree.sysctls, 'core_pattern'), `${BEFORE.corePattern}\n`);
  writeFileSync(join(tree.sysctls, 'core_pipe_limit'), `${BEFORE.corePipeLimit}`);
  return tree;
}

/** What stays by intention, and what systemd's tools keep beside. */
const STAYS =
  /^\/(?:etc\/(?:\.pwd\.lock|(?:passwd|group|shadow|gshadow)-?)|(?:var\/log|run|var\/lib)\/usercrash(?:es)?)$/;

/** Every file, link and directory below the tree, and both sysctls, with what is in them; without what stays. */
export function contentsOf({ root, sysctls }: MachineTree): string[] {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => `/${name}`);
  const lines = all
    .filter((name) => !STAYS.test(name))
    .map((name) => `${name} ${contentOf(join(root, name))}`);
  for (const name of ['core_pattern', 'core_pipe_limit']) {
    lines.push(`${name} ${readFileSync(join(sysctls, name), 'utf8').trim()}`);
  }
  return lines.sort();
}

function contentOf(path: string): string {
  const stats = lstatSync(path);
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  return stats.isDirectory() ? `${mode}/` : `${mode} ${readFileSync(path, 'utf8')}`;
}

/** How crashlogctl ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The line of its output before which it is killed, stopped, or told to end by SIGINT. */
interface EndsAt {
  line: number;
  signal: 'SIGKILL' | 'SIGSTOP' | 'SIGINT';
}

/** Runs crashlogctl on the tree. @param endsAt Null for neither. */
export function crashlogctl(tree: MachineTree, args: readonly string[], endsAt: EndsAt | null = null): Ended {
  const { words, env } = commandOf(tree, args, endsAt);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' });
  return { code: status, signal, stdout, stderr };
}

/** The same, which goes on beside the test. */
export function startCrashlogctl(tree: MachineTree, args: readonly string[], endsAt: EndsAt): ChildProcess {
  const { words, env } = commandOf(tree, args, endsAt);
  return spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

function commandOf({ root, sysctls }: MachineTree, args: readonly string[], endsAt: EndsAt | null) {
  return {
    words: [join(import.meta.dirname, 'run-crashlogctl.ts'), ...args, '--root', root],
    env: {
      ...process.env,
      USERCRASH_SYSCTLS: sysctls,
      TEST_ENDS_AT: endsAt === null ? '' : `${endsAt.line} ${endsAt.signal}`,
    },
  };
}
