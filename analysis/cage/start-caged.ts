import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { errnoName } from '../../linux/system-call-error.ts';
import { CAGE_PROGRAM } from './cage-program.ts';
import { type FailedStep, type StepTable, TABLE_BYTES } from './step-table.ts';

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

/** Descriptors of the program: its own standard ones, the list (closed by it), and then what it was given. */
export const FIRST_DESCRIPTOR = 4;

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
  const list = memfdCreate('usercrash-cage');
  const memory = Buffer.alloc(TABLE_BYTES);
  let isOpen = true;
  const update = () => {
    if (isOpen) readSync(list, memory, 0, TABLE_BYTES, 0);
  };
  let child: ChildProcess;
  try {
    ftruncateSync(list, TABLE_BYTES);
    writeSync(list, table.toBuffer(), 0, TABLE_BYTES, 0);
    child = spawn(CAGE_PROGRAM, [...argv], {
      stdio: ['pipe', 'pipe', 'pipe', list, ...descriptors],
      argv0: 'usercrash-cage',
      env: {},
      detached: true,
    });
  } catch (error) {
    closeSync(list);
    throw error;
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
    failure: () => {
      const last = failed().find(({ required }) => required);
      return last === undefined ? null : `${last.call}: ${errnoName(last.errno)}`;
    },
    memory: (address, length) => {
      update();
      return memory.subarray(table.offsetOf(address), table.offsetOf(address) + length);
    },
  };
}
