import { closeSync, constants, fchownSync, openSync } from 'node:fs';
import { Command } from 'commander';
import { settingsInForce } from '../../config/settings-in-force.ts';
import { unpackCore } from '../../debugger/unpack-core.ts';
import { messageOf, UsercrashError } from '../../errors/usercrash-error.ts';
import { setNonDumpable } from '../../linux/prctl.ts';
import type { FoundReport } from '../../report/find-reports.ts';
import { printable } from '../../report/printable-text.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { chooseReport } from '../choose-report.ts';
import type { CommandContext } from '../command-context.ts';
import { invokingUser } from '../invoking-user.ts';
import { withAccess } from '../no-access.ts';
import { recordOf } from '../report-files.ts';
import { startGdb } from '../start-gdb.ts';

const HELP = `
gdb gets the small core, the executable and the libraries whose build-ids are
those of the crash; of others a line says why not. Of a
container, or of another machine, --sysroot names a copy of its files. Memory that the small core
does not hold cannot be accessed. No script, printer or .gdbinit of the
program's runs, nor one of yours. By sudo, gdb runs with the rights of whoever
called it. The core is unpacked into a file without a name in TMPDIR
(/var/tmp), which is gone when gdb ends. The exit code is gdb's.

Examples:
  sudo crashlogctl debug latest
  sudo crashlogctl debug 07 -- -batch -ex 'thread apply all bt full'
  sudo crashlogctl debug 07 --sysroot /srv/images/web-01
  sudo crashlogctl debug 07 -- -ex 'directory /home/me/src/app'`;

/** crashlogctl debug: gdb on the small core of a report. */
export function debugCommand(context: CommandContext): Command {
  return new Command('debug')
    .description('Starts gdb on the small core of a report.')
    .usage('[options] <NN> [-- gdb arguments]')
    .option('--sysroot <directory>', 'a copy of the files that the process saw, as of a container')
    .argument('<NN>', '7, 07, usercrash_07 or latest')
    .argument('[arguments...]', "for gdb, behind '--'")
    .addHelpText('after', HELP)
    .action(async (name: string, args: string[], { sysroot }: { sysroot?: string }) => {
      const { paths, env, stderr, interrupted, exitWith } = context;
      const say = (text: string) => void stderr.write(`crashlogctl: ${printable(text)}\n`);
      const report = await chooseReport(paths.logDir, name);
      const { settings } = settingsInForce(paths, env);
      setNonDumpable(); // This process holds the memory of others.
      const what = { what: `The core of ${report.name} may not be read`, command: `debug ${name}` };
      const packed = await withAccess(what, async () => openPacked(report));
      try {
        const named = { path: report.core?.path ?? '', fd: packed };
        const { fd, damage } = await unpackCore(named, env['TMPDIR'] || '/var/tmp', interrupted);
        try {
          if (damage !== null) say(`The core is damaged, and what came before is used: ${damage}`);
          const user = invokingUser(context);
          if (user !== null) fchownSync(fd, user.uid, user.gid);
          const record = await knownRecord(report, say);
          exitWith(
            await startGdb(
              { core: fd, record, gdb: settings.gdb, args, sysroot: sysroot ?? null },
              context,
              say,
            ),
          );
        } finally {
          closeSync(fd);
        }
      } finally {
        closeSync(packed);
      }
    });
}

function openPacked({ core, name }: FoundReport): number {
  if (core !== null) return openSync(core.path, constants.O_RDONLY | constants.O_NONBLOCK);
  throw new UsercrashError('E_NO_CORE', `${name} has no core`, {
    fix: `crashlogctl show ${name} --sections collection, which says why`,
  });
}

/** Without its JSON nobody knows which files were mapped: gdb has the core then, and no symbols. */
async function knownRecord(report: FoundReport, say: (text: string) => void): Promise<CrashRecord | null> {
  try {
    return await recordOf(report);
  } catch (error) {
    say(`gdb has no symbols, because the modules are not known: ${messageOf(error)}`);
    return null;
  }
}
