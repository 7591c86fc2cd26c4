import assert from 'node:assert/strict';
import type { FuzzTarget } from './fuzz-target.ts';
import { FAULTY_TARGETS, FUZZ_TARGETS } from './targets.ts';

/**
 * Loads a target, and of the others only those in the same file: each makes what it works with when it is loaded. Whoever
 * loads it closes it.
 *
 * @throws Where there is no such target, or its file has others than the table says.
 */
export async function loadTarget(name: string): Promise<FuzzTarget> {
  const file = [...FUZZ_TARGETS, FAULTY_TARGETS].find(({ names }) => names.includes(name));
  if (file === undefined) throw new Error(`no such target: ${name}`);
  const loaded = await file.load();
  // One that the table lacks would never run.
  assert.deepEqual(
    loaded.map((target) => target.name),
    file.names,
  );
  const target = loaded.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no such target: ${name}`);
  return target;
}
