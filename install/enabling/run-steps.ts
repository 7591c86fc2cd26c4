import { messageOf } from '../../errors/usercrash-error.ts';
import type { Step } from './step.ts';

/** How the steps are gone through. */
export interface StepOptions {
  /** Only says what would be done. */
  isDryRun: boolean;
  /** Is told of each step before and after it: a word, and the step's name. */
  say(word: string, name: string): void;
  interrupted: AbortSignal;
}

/**
 * Goes through the steps, leaving out what is done already. Where one fails, or between two of them somebody interrupts, those that were
 * done here are taken back in the opposite order, the failed one first.
 *
 * @throws What the failed step threw, after that.
 */
export async function doSteps(steps: readonly Step[], options: StepOptions): Promise<void> {
  const { isDryRun, say, interrupted } = options;
  const begun: Step[] = [];
  try {
    for (const step of steps) {
      interrupted.throwIfAborted();
      if (await step.isDone()) say('already', step.name);
      else if (isDryRun) say('would', step.name);
      else {
        begun.push(step);
        say('doing', step.name);
        await step.do();
        say('done', step.name);
      }
    }
    interrupted.throwIfAborted();
  } catch (error) {
    for (const step of begun.toReversed()) await tryToUndo(step, say);
    throw error;
  }
}

/** The way back, to its end also where somebody interrupts: half of it would be neither the one nor the other. */
export async function undoSteps(
  steps: readonly Step[],
  { isDryRun, say }: Omit<StepOptions, 'interrupted'>,
): Promise<void> {
  for (const step of steps.toReversed()) {
    if (await step.isUndone()) continue;
    if (isDryRun) {
      say('would undo', step.name);
      continue;
    }
    say('undoing', step.name);
    await step.undo();
    say('undone', step.name);
  }
}

async function tryToUndo(step: Step, say: StepOptions['say']): Promise<void> {
  try {
    say('undoing', step.name);
    await step.undo();
    say('undone', step.name);
  } catch (error) {
    // The others are to be taken back all the same; `disable` tries again.
    say('not undone', `${step.name}: ${messageOf(error)}`);
  }
}
