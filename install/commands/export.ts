import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command } from 'commander';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { nameFile } from '../../linux/name-file.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { openUnnamedOrMemory } from '../../linux/unnamed-or-memory.ts';
import type { FoundReport, ReportFile } from '../../report/find-reports.ts';
import { type LeftOut, leaveOutPersonal } from '../../report/leave-out-personal.ts';
import { printable } from '../../report/printable-text.ts';
import { readableBytes } from '../../report/readable-amounts.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText } from '../../report/render-text.ts';
import { chooseReport } from '../choose-report.ts';
import type { CommandContext } from '../command-context.ts';
import { invokingUser } from '../invoking-user.ts';
import { withAccess } from '../no-access.ts';
import { recordOf } from '../report-files.ts';
import { type TarEntry, tar } from '../tar.ts';

const HELP = `
The archive (.tar.gz, which every system opens and every tracker takes) holds
the report as text and as JSON, without personal data: no memory, no values of
environment variables, no text in variables, no secrets in the command line,
no names of users, homes or the host, no addresses, no other programs' lines
of the journal. No rule knows everything: look through the text before you
hand it on. --raw leaves everything in, and adds the small core, which is
memory of the process.

The name of the archive goes to stdout, what was left out to stderr. The same
report gives the same bytes. By sudo, the file belongs to whoever called it.

Examples:
  sudo crashlogctl export latest
  sudo crashlogctl export 07 -o /tmp/crash.tar.gz
  sudo crashlogctl export 07 --raw -o - | ssh build tar -xz`;

interface Flags {
  output?: string;
  raw?: true;
}

/** What goes into an archive. */
interface Export {
  entries: TarEntry[];
  leftOut: LeftOut;
  /** Of its files: seconds since the epoch. */
  mtimeS: number;
}

/** crashlogctl export: one archive of a report, to attach to a bug report. */
export function exportCommand(context: CommandContext): Command {
  const { paths, stdout, stderr, interrupted } = context;
  const command = new Command('export')
    .description('Writes one archive of a report, without personal data.')
    .argument('<NN>', '7, 07, usercrash_07 or latest')
    .option('-o, --output <file>', "the archive, '-' for stdout (default: usercrash_NN.tar.gz here)")
    .option('--raw', 'everything, with the small core')
    .addHelpText('after', HELP)
    .action(async (name: string, { output, raw }: Flags) => {
      if (output === '-' && stdout.isTTY === true)
        command.error('error: an archive is not for a terminal: -o FILE');
      const report = await chooseReport(paths.logDir, name);
      const what = { what: `${report.name} may not be read`, command: `export ${name}` };
      const { entries, leftOut, mtimeS } = await withAccess(what, () => contentOf(report, raw === true));
      const archive = output ?? `${report.name}.tar.gz`;
      const packed = [Readable.from(tar(entries, mtimeS)), createGzip({ level: 9 })] as const;
      if (archive === '-') {
        await pipeline(...packed, stdout as Writable, { signal: interrupted, end: false });
      } else {
        await writeNew(archive, context, (file) =>
          pipeline(...packed, (pieces) => file.writeFile(pieces), { signal: interrupted }),
        );
        stdout.write(`${printable(archive)}\n`);
      }
      for (const line of told(entries, leftOut, raw === true)) stderr.write(`crashlogctl: ${line}\n`);
    });
  return command;
}

async function contentOf(report: FoundReport, isRaw: boolean): Promise<Export> {
  const { name, text, json, core } = report;
  if (isRaw) {
    const files = [
      { file: text, as: 'report.txt' },
      { file: json, as: 'report.json' },
      { file: core, as: 'core.zst' },
    ];
    const entries: TarEntry[] = [];
    for (const { file, as } of files) if (file !== null) entries.push(await fromFile(`${name}/${as}`, file));
    return { entries, leftOut: new Map(), mtimeS: text.mtimeMs / 1000 };
  }
  const record = await recordOf(report);
  const leftOut = leaveOutPersonal(record);
  const entries = [
    fromText(`${name}/report.txt`, renderText(record)),
    fromText(`${name}/report.json`, renderJson(record)),
  ];
  return { entries, leftOut, mtimeS: record.at.us / 1_000_000 };
}

function fromText(path: string, text: string): TarEntry {
  const bytes = Buffer.from(text);
  return { path, bytes: bytes.length, content: [bytes] };
}

/** Opened at once: whether it may be read is known before anything is written. */
async function fromFile(path: string, file: ReportFile): Promise<TarEntry> {
  const handle = await open(file.path, constants.O_RDONLY | constants.O_NONBLOCK);
  const { size } = await handle.stat();
  return { path, bytes: size, content: handle.createReadStream() };
}

/**
 * Writes a new file, which has its name once it is whole, and belongs to whoever called sudo. What is there already stays, also a link.
 *
 * @throws {UsercrashError} E_EXISTS; Node's or the kernel's error where it cannot be written.
 */
async function writeNew(
  path: string,
  context: CommandContext,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await openUnnamedOrMemory(dirname(path), { mode: 0o600, group: null });
  try {
    const user = invokingUser(context);
    if (user !== null) await file.chown(user.uid, user.gid);
    await write(file);
    await nameFile(file.fd, path);
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error;
    throw new UsercrashError('E_EXISTS', `${path} is there already`, {
      fix: '-o with another name',
      cause: error,
    });
  } finally {
    await file.close();
  }
}

function told(entries: readonly TarEntry[], leftOut: LeftOut, isRaw: boolean): string[] {
  const files = entries.map(({ path, bytes }) => `${path} (${readableBytes(bytes)})`).join(', ');
  if (isRaw)
    return [`holds ${files}`, 'nothing was left out: memory, environment and journal may hold personal data'];
  const gone = [...leftOut].map(([what, times]) => `${times} ${what}`);
  return [
    `holds ${files}`,
    gone.length === 0 ? 'nothing personal was found' : `left out: ${gone.join(', ')}`,
    'no rule knows everything: look through the text before you hand it on',
  ];
}
