import { resolve } from 'node:path';
import { Command } from 'commander';
import { forgetEnabled, readEnabled, writeEnabled } from '../../config/enabled.ts';
import { pathsFrom } from '../../config/paths.ts';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import type { CommandContext, Output } from '../command-context.ts';
import { alone } from '../enabling/alone.ts';
import { disableSteps } from '../enabling/enable-steps.ts';
import { Machine } from '../enabling/machine.ts';
import { noteOf } from '../enabling/note.ts';
import { undoSteps } from '../enabling/run-steps.ts';
import { sayStep } from '../enabling/say-step.ts';

const HELP = `
Reports, the configuration and the user usercrash stay.

Examples:
  sudo crashlogctl disable                      core_pattern is what it was, now and from the next boot on
  sudo crashlogctl disable --dry-run            what would be undone
  sudo crashlogctl disable --root /mnt/image    in an image of another machine`;

/** crashlogctl disable: takes back what `enable` did, also one that was interrupted. Nothing to take back is no failure. */
export function disableCommand(context: CommandContext): Command {
  return new Command('disable')
    .description('Collects no crashes any more, and puts back what was there before.')
    .option('--dry-run', 'only say what would be undone')
    .option('--root <directory>', 'an image of another machine, mounted there')
    .addHelpText('after', HELP)
    .action((flags: { dryRun?: true; root?: string }) => disable(flags, context));
}

async function disable(
  { dryRun, root }: { dryRun?: true; root?: string },
  { isRoot, env, stdout }: CommandContext,
): Promise<void> {
  if (!isRoot)
    throw new UsercrashError('E_NOT_ROOT', 'crashlogctl disable needs root', { fix: 'Start it with sudo.' });
  const machine = new Machine(root === undefined ? null : resolve(root), env);
  const act = () => disableMachine(machine, { isDryRun: dryRun === true, stdout });
  if (dryRun) await act();
  else await alone(machine, machine.path(pathsFrom({}).stateDir), act);
}

async function disableMachine(
  machine: Machine,
  { isDryRun, stdout }: { isDryRun: boolean; stdout: Output },
): Promise<void> {
  const { runDir, stateDir: state } = pathsFrom({});
  const stateDir = machine.path(state);
  const known = readEnabled(stateDir);
  // What is lost of the note is guessed: our own core_pattern must not stay.
  const noted = known ?? noteOf({ stateDir, runDir }, machine.sysctls, true);
  const steps = disableSteps(machine, stateDir, noted);
  if (known !== null && !isDryRun) writeEnabled(stateDir, { ...known, state: 'disabling' });
  let steppedBack = 0;
  const say = (word: string, name: string) => {
    steppedBack += 1;
    sayStep(stdout, word, name);
  };
  await undoSteps(steps, { isDryRun, say });
  if (isDryRun) {
    if (steppedBack === 0) sayStep(stdout, 'nothing', 'is there to undo');
    return;
  }
  // Units whose files are gone are forgotten.
  if (machine.isBooted) await machine.must('systemctl', 'daemon-reload');
  forgetEnabled(stateDir);
  sayStep(stdout, 'disabled', 'crashes go where they went before');
}
