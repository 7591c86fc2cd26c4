import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Enabled, forgetEnabled, readEnabled, writeEnabled } from '../../config/enabled.ts';
import type { MODES } from '../../config/server-settings.ts';
import type { HistoryEntry } from '../../report/history.ts';
import { checkStep } from './check-step.ts';
import { corePatternStep } from './core-pattern-step.ts';
import { fileStep } from './file-step.ts';
import type { Machine } from './machine.ts';
import type { Step } from './step.ts';
import { SYSCTL_FILE, sysctlText, systemFiles } from './system-files.ts';
import { enableUnits, startUnits } from './unit-steps.ts';

const SERVER = {
  service: 'usercrash.service',
  socket: 'usercrash.socket',
  without: ['usercrash-dumps.socket'],
};
const CLIENT = {
  service: 'usercrash-client.service',
  socket: 'usercrash-client.socket',
  without: [] as string[],
};

/** What is to be so when all steps are done. */
export interface EnablePlan {
  machine: Machine;
  stateDir: string;
  logDir: string;
  /** Absolute path of the configuration, whose drop-in the mode is. */
  configFile: string;
  /** Absolute path of the directory of the programs, where the machine has them. */
  programs: string;
  /** What `disable` is to put back. */
  note: Enabled;
  /** From bootPattern(). */
  pattern: string;
  /** Asked for here; null leaves it to the configuration. */
  mode: (typeof MODES)[number] | null;
  /** Whether it is to hold at once, too. */
  isNow: boolean;
  interrupted: AbortSignal;
  found: (entry: HistoryEntry) => void;
}

/** Everything that `enable` does, in its order, and `disable` takes back: docs/decisions/034. */
export function enableSteps(plan: EnablePlan): Step[] {
  const { machine, stateDir, programs, note, pattern, isNow } = plan;
  const { sysctls } = machine;
  // Where an earlier one was interrupted, nobody knows what runs.
  let hasChanged = (readEnabled(stateDir)?.state ?? 'enabled') !== 'enabled';
  const files = { machine, stateDir, packaged: [], changed: () => (hasChanged = true) };
  const start = (units: typeof SERVER) => startUnits(machine, units, () => hasChanged);
  const mode =
    plan.mode === null ? [] : [fileStep(modeFile(plan.configFile), () => modeText(plan.mode), files)];
  const values = { corePattern: pattern, corePipeLimit: note.corePipeLimit };
  return [
    noteStep(stateDir, note),
    ...systemFiles(machine, programs).map(({ path, packaged, text }) =>
      fileStep(path, text, { ...files, packaged }),
    ),
    ...mode,
    ...userAndDirectories(machine),
    enableUnits(machine, () => hasChanged),
    ...(isNow && machine.isBooted ? [start(SERVER)] : []),
    ...(isNow && sysctls !== null ? [corePatternStep(pattern, sysctls, () => note)] : []),
    ...(isNow && machine.isBooted ? [start(CLIENT), checkStep(plan.logDir, plan)] : []),
    fileStep(machine.path(SYSCTL_FILE), () => sysctlText(programs, values), files),
  ];
}

/** The same steps for whoever takes them back, which needs neither templates nor settings. */
export function disableSteps(machine: Machine, stateDir: string, noted: Enabled): Step[] {
  const { sysctls } = machine;
  const undo = (path: string) =>
    fileStep(path, () => '', { machine, stateDir, packaged: [], changed: () => undefined });
  const sysctl = machine.path(SYSCTL_FILE);
  const made = noted.made.map((name) => machine.path(name));
  const stop = (units: typeof SERVER) => startUnits(machine, units, () => false);
  return [
    ...made.filter((path) => path !== sysctl).map(undo),
    enableUnits(machine, () => false),
    ...(machine.isBooted ? [stop(SERVER)] : []),
    ...(sysctls === null ? [] : [corePatternStep(null, sysctls, () => noted)]),
    ...(machine.isBooted ? [stop(CLIENT)] : []),
    ...made.filter((path) => path === sysctl).map(undo),
  ];
}

function modeFile(configFile: string): string {
  return join(`${configFile}.d`, '90-enable.toml');
}

function modeText(mode: string | null): string {
  return `# Written by "crashlogctl enable --mode".\nmode = "${mode}"\n`;
}

/** Before anything is changed. */
function noteStep(stateDir: string, note: Enabled): Step {
  const previous = readEnabled(stateDir);
  return {
    name: `note core_pattern ${note.before.corePattern} and core_pipe_limit ${note.before.corePipeLimit}`,
    isDone: () => previous !== null && previous.state !== 'disabling' && isSame(previous, note),
    do: () => writeEnabled(stateDir, note),
    isUndone: () => readEnabled(stateDir) === null,
    undo() {
      if (previous === null) forgetEnabled(stateDir);
      else writeEnabled(stateDir, previous);
    },
  };
}

function isSame(one: Enabled, other: Enabled): boolean {
  return (
    JSON.stringify([one.before, one.corePipeLimit]) === JSON.stringify([other.before, other.corePipeLimit])
  );
}

/** They stay: reports are in the directories, and files may be the user's. */
function userAndDirectories(machine: Machine): Step[] {
  const step = (isDone: () => boolean, program: string, ...args: string[]): Step => ({
    name: [program, ...args].join(' '),
    isDone,
    do: () => machine.must(program, ...args),
    isUndone: () => true,
    undo: () => undefined,
  });
  const passwd = machine.path('etc/passwd');
  const directories = ['run/usercrash', 'var/log/usercrashes'].map((path) => machine.path(path));
  return [
    step(
      () => existsSync(passwd) && /^usercrash:/m.test(readFileSync(passwd, 'utf8')),
      'systemd-sysusers',
      'usercrash.conf',
    ),
    step(() => directories.every(existsSync), 'systemd-tmpfiles', '--create', 'usercrash.conf'),
  ];
}
