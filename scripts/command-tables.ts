import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { pathsFrom } from '../config/paths.ts';
import { debuggerCommand } from '../debugger/command.ts';
import { crashlogctl } from '../install/crashlogctl.ts';
import { serverCommand } from '../server/command.ts';

/** The command lines of the programs, as on a machine that nobody has changed anything on. */
export function commandTables(): { crashlogctl: Command; debugger: Command; server: Command } {
  const nobody = new PassThrough();
  const context = {
    ...{ env: {}, paths: pathsFrom({}), programs: '/usr/lib/usercrash', now: () => 0, isRoot: true },
    ...{ stdin: nobody, stdout: nobody, stderr: nobody },
    ...{ interrupted: new AbortController().signal, exitWith: () => undefined },
  };
  return { crashlogctl: crashlogctl(context), debugger: debuggerCommand(), server: serverCommand().command };
}
