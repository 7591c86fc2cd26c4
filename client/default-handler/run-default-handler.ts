import { bytesSource } from '../../capture/core-source.ts';
import { doubtOf } from '../../capture/same-process.ts';
import { readRunSettings } from '../../config/run-settings.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { setNonDumpable } from '../../linux/prctl.ts';
import { parseKernelArguments, SPECIFIERS } from '../../protocol/kernel-arguments.ts';
import { headFrom } from '../capture-from-pipe.ts';
import { endConnection } from '../coredump-socket/end-connection.ts';
import { keepKernelLog, kernelLog } from '../kernel-log.ts';
import { openStandardDescriptors } from '../standard-descriptors.ts';
import { CoreStream } from './core-stream.ts';
import { type Dump, wordsOf } from './dump.ts';
import { dumpedTask } from './dumped-task.ts';
import { feedHandler } from './feed-handler.ts';
import { writeCoreFile } from './write-core-file.ts';

/** The core's pipe, or the kernel's connection. */
const STDIN = 0;

/**
 * `usercrash-client RUNDIR --default-handler WORDS... [HEAD]`: does what core_pattern asked for before us. It has whoever started it neither
 * as its parent to wait for nor as a source of anything, so that it goes on when that is killed.
 *
 * @param words What follows the program's name: the kernel's words, and the descriptor of a file with what had been read of the core.
 */
export function runDefaultHandler(words: readonly string[]): number {
  openStandardDescriptors();
  setNonDumpable();
  keepKernelLog();
  const [runDir = '', , ...values] = words;
  const kernelWords = [runDir, ...values.slice(0, SPECIFIERS.length)];
  const head = values[SPECIFIERS.length];
  try {
    handle(kernelWords, new CoreStream(head === undefined ? [STDIN] : [Number(head), STDIN]));
    return 0;
  } catch (error) {
    kernelLog('warning', `the default handler of pid ${values[0]}: ${messageOf(error)}`);
    return 1;
  } finally {
    if (head !== undefined) endConnection(STDIN);
  }
}

function handle(words: readonly string[], stream: CoreStream): void {
  const told = parseKernelArguments(words);
  const { defaultPattern: pattern } = readRunSettings(told.runDir);
  if (pattern === null) return;
  const coreLimit = BigInt(words[1 + SPECIFIERS.indexOf('%c')] ?? 0);
  const task = dumpedTask(told.pid, told.tid);
  const doubt = doubtOf(told, headFrom(bytesSource(stream.peekHead())));
  if (doubt !== null) throw new Error(doubt);
  const dump: Dump = { pattern, told, coreLimit, task };
  if (pattern.startsWith('|')) {
    feedHandler(stream, wordsOf(dump), /^(?:[^%]|%[^F])*%F/.test(pattern) ? told.pidfd : null);
  } else writeCoreFile(stream, dump);
}
