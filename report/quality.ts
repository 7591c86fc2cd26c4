import type { Record as CrashRecord, Frame } from './record.ts';
import { shownThread } from './shown-thread.ts';
import { isBelowProgram, isIrrelevant } from './signature.ts';

/** What a frame with a name but without file and line is worth. */
const NAME_ONLY = 0.7;
/** From this share of the full worth on the quality is 1, 2, 3, 4 (satyr's steps). */
const STEPS = [0.2, 0.4, 0.6, 0.8];

/**
 * How much of the shown thread's backtrace a person can use, after satyr's rating.
 *
 * A frame with name, file and line is worth 1, one with a name 0.7, one without a name nothing. Named frames of the
 * runtime (abort, what calls main, a signal trampoline) do not count, because nobody needs them, nor does the address 0
 * that ends the stack of a Go thread. The mean gives 0 below 0.2, 1 from 0.2, 2 from 0.4, 3 from 0.6, 4 from 0.8: so a
 * program with symbols but without debug information gets 3, a stripped one 0 to 2, by how much of its libraries is named.
 *
 * @returns Null where there are no frames.
 */
export function qualityOf(record: Pick<CrashRecord, 'threads'>): number | null {
  const frames = shownThread(record)?.frames ?? [];
  if (frames.length === 0) return null;
  const own = frames.filter(
    (frame) => !isIrrelevant(frame) && !isBelowProgram(frame) && !isEndOfStack(frame),
  );
  const rated = own.length > 0 ? own : frames;
  const worth = rated.reduce((sum, frame) => sum + worthOf(frame), 0) / rated.length;
  return STEPS.filter((step) => worth >= step).length;
}

/** Address 0 that another frame has called is where the unwinder ends; the innermost one is a jump there. */
function isEndOfStack({ level, pc }: Frame): boolean {
  return level > 0 && pc !== null && /^0+$/.test(pc);
}

function worthOf(frame: Frame): number {
  if (frame.signalHandler) return NAME_ONLY;
  if (frame.function === null) return 0;
  return frame.file !== null && frame.line !== null ? 1 : NAME_ONLY;
}
