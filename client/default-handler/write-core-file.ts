import { closeSync, readFileSync } from 'node:fs';
import { messageOf } from '../../errors/usercrash-error.ts';
import { fchdir } from '../../linux/fchdir.ts';
import { openPath } from '../../linux/open-path.ts';
import { MIN_CORE_LIMIT_BYTES } from '../../protocol/kernel-arguments.ts';
import { kernelLog } from '../kernel-log.ts';
import { actAs, enterRoot } from './act-as-task.ts';
import { corePieces } from './core-pieces.ts';
import type { CoreStream } from './core-stream.ts';
import { createCoreFile } from './create-core-file.ts';
import { type Dump, wordsOf } from './dump.ts';
import { writeCore } from './write-core.ts';

/** %d of a process that is its user's alone: core(5), suid_dumpable. Also where the kernel does not say it is not taken for one. */
const OWN = 1;
const SLASH = 0x2f;

/**
 * Writes the file that the kernel would have written (fs/coredump.c, coredump_file()). This process is of no other use afterwards: it
 * has the dead one's root directory and rights.
 */
export function writeCoreFile(stream: CoreStream, dump: Dump): void {
  const { told, task, coreLimit } = dump;
  if (coreLimit < MIN_CORE_LIMIT_BYTES) return;
  const [name = Buffer.alloc(0)] = wordsOf(dump);
  const isPrivileged = told.dumpable !== OWN;
  const isAbsolute = name[0] === SLASH;
  if (isPrivileged && !isAbsolute) {
    kernelLog('warning', `pid ${told.pid}: can only dump core to a fully qualified path, no file written`);
    return;
  }
  const head = stream.peekHead();
  const pieces = corePieces(head);
  const uid = isPrivileged ? 0 : task.credentials.uid;
  try {
    // As root only where the machine itself would find it: the process may have chosen its own root directory.
    enterRoot(isPrivileged ? machineRoot() : task.root);
    actAs({ ...task.credentials, uid }, task);
    if (!isAbsolute) fchdir(task.cwd);
    const file = createCoreFile(name, { isPrivileged, uid });
    writeCore(file, stream, { pieces, limit: coreLimit });
    closeSync(file);
  } catch (error) {
    kernelLog('warning', `pid ${told.pid}: core file ${name.toString()}: ${messageOf(error)}`);
  }
}

/** The root directory of init_task, which kthreadd shares with it. We have another one where our service has its own file systems. */
function machineRoot(): number {
  const isKernels = readFileSync('/proc/2/comm', 'latin1') === 'kthreadd\n';
  return openPath(isKernels ? '/proc/2/root' : '/');
}
