import type { SmallCore } from './captured.ts';
import { type ChoiceInputs, chooseMemory } from './choose-memory.ts';
import { MemoryPlan } from './memory-plan.ts';
import { writeCore } from './write-core.ts';

/** Readable and writable: what gdb needs to know of a segment's flags is little. */
const PF_R = 4;

/**
 * A core in which gdb sees what it would see in the full one, at a thousandth of its size: the kernel's own notes, and
 * the memory that choose-memory.ts picks.
 *
 * @param budgetBytes Of the whole core. Where it is too little, less memory is taken, the least important first.
 */
export function takeSmallCore(inputs: ChoiceInputs, budgetBytes: number): SmallCore {
  const { head, memory } = inputs;
  // Notes are not optional: a process with so many threads that they are over the budget gets its stacks all the same.
  const plan = new MemoryPlan(memory, Math.max(budgetBytes - head.noteBytes.length, budgetBytes / 4));
  chooseMemory(inputs, plan);
  const flags = new Map(head.segments.map((segment) => [Number(segment.start), segment.flags]));
  const segments = plan.ranges().map(({ start, end }) => ({
    start,
    end,
    bytes: memory.read(start, end - start),
    flags: flags.get(memory.rangeOf(start)?.start ?? -1) ?? PF_R,
  }));
  return {
    bytes: writeCore(head.machine, head.noteBytes, segments),
    budgetBytes,
    omitted: [...plan.left].map(([purpose, bytes]) => `${Math.ceil(bytes / 1024)} KiB of ${purpose}`),
  };
}
