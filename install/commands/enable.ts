import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { readEnabled, writeEnabled } from '../../config/enabled.ts';
import { pathsFrom } from '../../config/paths.ts';
import { MODES } from '../../config/server-settings.ts';
import { settingsInForce } from '../../config/settings-in-force.ts';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { bootPattern } from '../../server/boot-pattern.ts';
import { keptPattern } from '../../server/kept-pattern.ts';
import type { CommandContext } from '../command-context.ts';
import { alone } from '../enabling/alone.ts';
import { assertRootsPrograms } from '../enabling/assert-roots-programs.ts';
import { enableSteps } from '../enabling/enable-steps.ts';
import { Machine } from '../enabling/machine.ts';
import { noteOf } from '../enabling/note.ts';
import { doSteps } from '../enabling/run-steps.ts';
import { sayStep } from '../enabling/say-step.ts';

const HELP = `
What core_pattern names now goes on getting its cores, and is put back by "crashlogctl disable".

Examples:
  sudo crashlogctl enable                      collect crashes, now and from every boot on
  sudo crashlogctl enable --dry-run            what would be done
  sudo crashlogctl enable --mode pipe          never by the kernel's socket
  sudo crashlogctl enable --no-now             from the next boot on
  sudo crashlogctl enable --root /mnt/image    in an image of another machine`;

interface Flags {
  now: boolean;
  mode?: (typeof MODES)[number];
  dryRun?: true;
  root?: string;
}

/** crashlogctl enable: all or nothing, and the same however often it is called (docs/decisions/034). */
export function enableCommand(context: CommandContext): Command {
  return new Command('enable')
    .description('Collects crashes from now on and from every boot on.')
    .option('--now', 'also at once (default on a running system)', true)
    .option('--no-now', 'only from the next boot on')
    .addOption(new Option('--mode <mode>', 'how the kernel hands crashes over').choices(MODES))
    .option('--dry-run', 'only say what would be done')
    .option('--root <directory>', 'an image of another machine, mounted there')
    .addHelpText('after', HELP)
    .action((flags: Flags) => enable(flags, context));
}

async function enable(flags: Flags, context: CommandContext): Promise<void> {
  const machine = new Machine(flags.root === undefined ? null : resolve(flags.root), context.env);
  assertPossible(machine, context);
  const act = () => enableMachine(machine, flags, context);
  if (flags.dryRun) await act();
  else await alone(machine, machine.path(pathsFrom({}).stateDir), act);
}

async function enableMachine(
  machine: Machine,
  { now, mode, dryRun }: Flags,
  { programs, stdout, interrupted }: CommandContext,
): Promise<void> {
  const { runDir, stateDir: state, logDir, configFile: file } = pathsFrom({});
  const [stateDir, configFile] = [machine.path(state), machine.path(file)];
  const { settings } = settingsInForce({ configFile, stateDir }, {});
  const note = noteOf({ stateDir, runDir }, machine.sysctls, settings.defaultHandler);
  const kept = keptPattern(note.before.corePattern, settings.defaultHandler);
  const plan = {
    ...{ machine, stateDir, logDir, configFile, programs, note, interrupted, isNow: now },
    pattern: bootPattern(kept, programs, runDir),
    mode: mode ?? null,
    found({ slot, collected }: { slot: number | null; collected: string }) {
      const report = slot === null ? `counted (${collected})` : join(logDir, `usercrash_${twoDigits(slot)}`);
      sayStep(stdout, 'found', report);
    },
  };
  const wasEnabled = readEnabled(stateDir)?.state === 'enabled';
  try {
    await doSteps(enableSteps(plan), {
      isDryRun: dryRun === true,
      say: (word, name) => sayStep(stdout, word, name),
      interrupted,
    });
  } catch (error) {
    if (wasEnabled && machine.isBooted && now) await runOn(machine, stateDir);
    throw error;
  }
  if (dryRun) return;
  const enabled = readEnabled(stateDir);
  if (enabled !== null && enabled.state !== 'enabled')
    writeEnabled(stateDir, { ...enabled, state: 'enabled' });
  sayStep(stdout, 'enabled', now && machine.isBooted ? 'crashes are collected' : 'from the next boot on');
}

/** What was enabled before goes on by its old files, which are back. */
async function runOn(machine: Machine, stateDir: string): Promise<void> {
  await machine.run('systemctl', 'daemon-reload');
  await machine.run('systemctl', 'try-restart', 'usercrash.service', 'usercrash-client.service');
  const enabled = readEnabled(stateDir);
  if (enabled !== null) writeEnabled(stateDir, { ...enabled, state: 'enabled' });
}

/** @throws {UsercrashError} E_NOT_ROOT, E_NO_SYSTEMD, E_NOT_OURS. */
function assertPossible(machine: Machine, { isRoot, programs }: CommandContext): void {
  if (!isRoot)
    throw new UsercrashError('E_NOT_ROOT', 'crashlogctl enable needs root', { fix: 'Start it with sudo.' });
  if (machine.root === '' && !machine.isBooted) {
    throw new UsercrashError('E_NO_SYSTEMD', 'This machine is not run by systemd', {
      fix: `usercrash-server --own-core-pattern, in the foreground; scripts for OpenRC and runit: ${join(programs, 'init')}`,
    });
  }
  if (machine.root !== '' && !existsSync(machine.path('etc'))) {
    throw new UsercrashError('E_NO_SYSTEMD', `${machine.root} is no image of a machine: it has no etc`);
  }
  assertRootsPrograms(programs);
}

function twoDigits(slot: number): string {
  return String(slot).padStart(2, '0');
}
