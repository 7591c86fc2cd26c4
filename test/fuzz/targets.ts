import type { FuzzTarget } from './fuzz-target.ts';
import { conversation } from './targets/conversation.ts';
import { coreFile } from './targets/core-file.ts';
import { coreHead } from './targets/core-head.ts';
import { corePattern } from './targets/core-pattern.ts';
import { elfFile } from './targets/elf-file.ts';
import { frame } from './targets/frame.ts';
import { gdbLines } from './targets/gdb-lines.ts';
import { gdbSession } from './targets/gdb-session.ts';
import { history } from './targets/history.ts';
import { kernelArguments } from './targets/kernel-arguments.ts';
import { ledger } from './targets/ledger.ts';
import { packedCore } from './targets/packed-core.ts';
import { procFiles } from './targets/proc-files.ts';
import { record } from './targets/record.ts';
import { serverAnswers } from './targets/server-answers.ts';
import { smallCore } from './targets/small-core.ts';
import { text } from './targets/text.ts';

/** Everything that reads what somebody else wrote. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  coreHead,
  smallCore,
  coreFile,
  packedCore,
  ...procFiles,
  text,
  elfFile,
  kernelArguments,
  corePattern,
  ...ledger,
  gdbLines,
  gdbSession,
  frame,
  conversation,
  serverAnswers,
  record,
  history,
];
