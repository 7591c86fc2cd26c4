import { accessSync, constants, readFileSync } from 'node:fs';
import type { ServerSettings } from '../config/server-settings.ts';
import { type CoreSysctls, readCoreSysctls } from '../linux/core-pattern.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { COREDUMP_SOCKET, isOurPattern } from '../protocol/core-pattern.ts';
import { chooseMode } from '../server/collection-mode.ts';

/** Whether the kernel gives crashes to us. */
export interface Collection {
  /** Null where the kernel has no such sysctls: it makes no dumps. */
  sysctls: CoreSysctls | null;
  /** Null where crashes go elsewhere. */
  mode: 'socket' | 'pipe' | null;
  /** Why by this mode, or why not at all. */
  why: string;
  /** Whether core_pattern is ours and somebody is there who takes the crashes. */
  isCollecting: boolean;
}

/** Flag of a socket that listens: __SO_ACCEPTCON (include/uapi/linux/net.h), as /proc/net/unix has it. */
const LISTENING = '00010000';

/**
 * Looks at what the kernel would do with a crash now. Needs no rights and no server.
 *
 * @param before What core_pattern held before us, as far as it is known; for the reason.
 */
export function collectionState(
  runDir: string,
  settings: Pick<ServerSettings, 'mode'>,
  before: string,
): Collection {
  const sysctls = coreSysctls();
  if (sysctls === null) {
    return { sysctls, mode: null, why: 'this kernel makes no dumps', isCollecting: false };
  }
  const { corePattern } = sysctls;
  if (!isOurPattern(corePattern, runDir)) {
    return { sysctls, mode: null, why: `core_pattern is ${ownerOf(corePattern)}`, isCollecting: false };
  }
  const mode = corePattern.startsWith('@') ? 'socket' : 'pipe';
  const missing = mode === 'socket' ? withoutListener(runDir) : withoutProgram(corePattern);
  if (missing !== null) return { sysctls, mode, why: missing, isCollecting: false };
  const chosen = chooseMode(settings.mode, before);
  const why =
    chosen.mode === mode ? chosen.why : 'it was chosen when collection began, or in place of another';
  return { sysctls, mode, why, isCollecting: true };
}

function coreSysctls(): CoreSysctls | null {
  try {
    return readCoreSysctls();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return null;
    throw error;
  }
}

/** Handlers by the name that core_pattern has of them. */
const HANDLERS: readonly [RegExp, string][] = [
  [/^\|\S*\/apport\b/, "apport's"],
  [/^\|\S*\/systemd-coredump\b/, "systemd-coredump's"],
  [/^\|\S*\/abrt-/, "ABRT's"],
  [/usercrash/, "another collector's of usercrash"],
  [/^\|/, "another program's"],
  [/^@/, "another collector's socket"],
  [/^$/, 'empty'],
];

function ownerOf(pattern: string): string {
  const owner = HANDLERS.find(([shape]) => shape.test(pattern))?.[1] ?? 'a file';
  return `${owner}: ${pattern === '' ? '(nothing)' : pattern}`;
}

function withoutListener(runDir: string): string | null {
  const path = `${runDir}/${COREDUMP_SOCKET}`;
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  const listens = sockets.some((line) => line.split(/\s+/)[3] === LISTENING && line.endsWith(` ${path}`));
  return listens ? null : `core_pattern names ${path}, and nobody listens there`;
}

function withoutProgram(pattern: string): string | null {
  const program = pattern.slice(1).split(' ', 1)[0] ?? '';
  try {
    accessSync(program, constants.X_OK);
    return null;
  } catch (error) {
    // In the run directory, which is root's, there is a link to it.
    if (hasErrno(error, 'EACCES') && process.geteuid?.() !== 0) return null;
    return `core_pattern names ${program}, which is missing or cannot be executed`;
  }
}
