import { readFileSync } from 'node:fs';
import { bytesSource } from '../../capture/core-source.ts';
import { auxvOf } from '../../capture/same-process.ts';
import { type CorePatternFacts, expandCorePattern } from '../../protocol/expand-core-pattern.ts';
import type { KernelArguments } from '../../protocol/kernel-arguments.ts';
import { headFrom } from '../capture-from-pipe.ts';
import { ownNames } from './act-as-task.ts';
import type { DumpedTask } from './dumped-task.ts';

/** A crash for what core_pattern held before us. */
export interface Dump {
  /** That core_pattern. */
  pattern: string;
  kernel: KernelArguments;
  /** RLIMIT_CORE in bytes. */
  coreLimit: bigint;
  task: DumpedTask;
}

/** What the pattern stands for in this crash: a handler's words, or a file's name. */
export function wordsOf({ pattern, kernel, coreLimit, task }: Dump): Buffer[] {
  const facts: CorePatternFacts = {
    numbers: {
      p: `${kernel.namespacePid}`,
      P: `${kernel.pid}`,
      i: `${kernel.namespaceTid}`,
      I: `${kernel.tid}`,
      u: `${kernel.uid}`,
      g: `${kernel.gid}`,
      d: `${kernel.dumpable}`,
      s: `${kernel.signal}`,
      t: `${kernel.time}`,
      c: `${coreLimit}`,
      C: `${task.cpu}`,
      // Where the kernel puts it: fs/coredump.c, COREDUMP_PIDFD_NUMBER.
      ...(kernel.pidfd === null ? {} : { F: '3' }),
    },
    comm: task.comm,
    usesPid: readFileSync('/proc/sys/kernel/core_uses_pid', 'latin1').trim() !== '0',
    ...ownNames(task),
  };
  return expandCorePattern(Buffer.from(pattern), facts);
}

/**
 * Whether this task is the one that the kernel dumps: the auxiliary vector, whose addresses are random, stands in the core's notes as
 * well. Else it has been killed in its dump, and its number given to another (CVE-2025-4598).
 *
 * @param head The core's beginning.
 */
export function isDumped({ auxv }: DumpedTask, head: Buffer): boolean {
  const noted = auxvOf(headFrom(bytesSource(head)).noteBytes);
  if (noted === null) return false;
  const length = Math.min(auxv.length, noted.length);
  return length > 0 && auxv.subarray(0, length).equals(noted.subarray(0, length));
}
