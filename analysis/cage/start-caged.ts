import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchmodSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { errnoName } from '../../linux/system-call-error.ts';
import { openCageProgram } from './cage-program.ts';
import { type FailedStep, StepTable, TABLE_BYTES } from './step-table.ts';

/** A program that was started by way of a list of steps. */
export interface Caged {
  child: ChildProcess;
  /** Steps that have failed so far; all of them once the program has said its first word. */
  failed(): FailedStep[];
  /** Why the program was not reached, in words, where the list was not gone through to its end; null where it was. */
  failure(): string | null;
  /** What lies in the list's memory now. @param address As the list gave it. */
  memory(address: bigint, length: number): Buffer;
}

/** The list and the cage's program are what it has as 3 and 4, until it closes them. */
const OWN_DESCRIPTORS = [3, 4];
/** Behind them comes what it was given. */
export const FIRST_DESCRIPTOR = 5;
/** linux/prctl.h */
const PR_SET_NAME = 15;

/**
 * Starts a list that ends at once: the first process that Node starts takes 20 ms longer than the others, and nobody waits yet.
 *
 * @throws As {@link startCaged}.
 */
export function warmCaged(): void {
  const table = newCagedSteps();
  table.step('exit_group', [0]);
  const { child } = startCaged(table, { descriptors: [], argv: ['warm-up'] });
  for (const stream of child.stdio) stream?.destroy();
}

/** A list's first steps: it takes the name that `ps` shows, and closes what only its start needs. */
export function newCagedSteps(): StepTable {
  const table = new StepTable();
  table.step('prctl', [PR_SET_NAME, table.string('usercrash-cage')]);
  for (const fd of OWN_DESCRIPTORS) table.step('close', [fd]);
  return table;
}

/**
 * Starts a list of steps (cage-steps.ts), in a process group of its own.
 *
 * @param descriptors Of ours; the program has them as {@link FIRST_DESCRIPTOR} and following.
 * @param argv What `ps` shows until the last step.
 * @throws {SystemCallError} {RangeError} Where there is no memory, or the list is too long.
 */
export function startCaged(
  table: StepTable,
  { descriptors, argv }: { descriptors: readonly number[]; argv: readonly string[] },
): Caged {
  const writable = memfdCreate('usercrash-cage');
  let list = -1;
  const memory = Buffer.alloc(TABLE_BYTES);
  let isOpen = true;
  const update = () => {
    if (isOpen) readSync(list, memory, 0, TABLE_BYTES, 0);
  };
  let child: ChildProcess;
  try {
    // Whoever can write to the list of a root's process is root: neither we, once we are not root any more, nor anybody else may.
    fchmodSync(writable, 0o600);
    ftruncateSync(writable, TABLE_BYTES);
    writeSync(writable, table.toBuffer(), 0, TABLE_BYTES, 0);
    list = openSync(`/proc/self/fd/${writable}`, 'r');
    child = spawn('/proc/self/fd/4', [...argv], {
      stdio: ['pipe', 'pipe', 'pipe', writable, openCageProgram(), ...descriptors],
      argv0: 'usercrash-cage',
      env: {},
      detached: true,
    });
  } catch (error) {
    if (list !== -1) closeSync(list);
    throw error;
  } finally {
    closeSync(writable);
  }
  const close = () => {
    if (!isOpen) return;
    update();
    isOpen = false;
    closeSync(list);
  };
  child.once('exit', close);
  child.once('error', close);
  const failed = () => {
    update();
    return table.failedIn(memory);
  };
  return {
    child,
    failed,
    failure: () => failureIn(failed()),
    memory: (address, length) => {
      update();
      return memory.subarray(table.offsetOf(address), table.offsetOf(address) + length);
    },
  };
}

/** Why a list was not gone through to its end, in words; null where it was. */
export function failureIn(failed: readonly FailedStep[]): string | null {
  const last = failed.find(({ required }) => required);
  return last === undefined ? null : `${last.call}: ${errnoName(last.errno)}`;
}
