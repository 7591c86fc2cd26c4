import { readFileSync } from 'node:fs';
import { type CorePatternFacts, expandCorePattern } from '../../protocol/expand-core-pattern.ts';
import type { KernelWords } from '../../protocol/kernel-arguments.ts';
import { ownNames } from './act-as-task.ts';
import type { DumpedTask } from './dumped-task.ts';

/** A crash for what core_pattern held before us. */
export interface Dump {
  /** That core_pattern. */
  pattern: string;
  told: KernelWords;
  /** RLIMIT_CORE in bytes. */
  coreLimit: bigint;
  task: DumpedTask;
}

/** What the pattern stands for in this crash: a handler's words, or a file's name. */
export function wordsOf({ pattern, told, coreLimit, task }: Dump): Buffer[] {
  const facts: CorePatternFacts = {
    numbers: {
      p: `${task.namespacePid}`,
      P: `${told.pid}`,
      i: `${task.namespaceTid}`,
      I: `${told.tid}`,
      u: `${told.uid ?? ''}`,
      g: `${told.gid ?? ''}`,
      d: `${told.dumpable}`,
      s: `${told.signal}`,
      t: `${told.time ?? ''}`,
      c: `${coreLimit}`,
      C: `${task.cpu}`,
      // Where the kernel puts it: fs/coredump.c, COREDUMP_PIDFD_NUMBER.
      ...(told.pidfd === null ? {} : { F: '3' }),
    },
    comm: task.comm,
    usesPid: readFileSync('/proc/sys/kernel/core_uses_pid', 'latin1').trim() !== '0',
    ...ownNames(task),
  };
  return expandCorePattern(Buffer.from(pattern), facts);
}
