import { Command, InvalidArgumentError } from 'commander';
import { VERSION } from '../config/version.ts';
import { printable } from '../report/printable-text.ts';
import { TEXT_SECTION_NAMES } from '../report/render-text.ts';
import { MAX_PID } from './find-target.ts';

const HELP = `
Sections: ${TEXT_SECTION_NAMES.join(', ')}.

Examples:
  sudo debugger 4242                                what a process is doing; it goes on unharmed
  sudo debugger 4242 --sections threads,openFiles   some of it, in a moment
  debugger --core core.zst --json | jq .signature   the same of a core, also packed by zstd, xz, lz4 or gzip

Environment: TMPDIR, where packed cores are unpacked to (default /var/tmp).`;

/** The command line of debugger, without what it does: help, man page and completions are made from it. */
export function debuggerCommand(): Command {
  return new Command('debugger')
    .usage('[options] <pid>\n       debugger [options] --core <file>')
    .description('Shows what a process is doing, or what a core holds.')
    .version(VERSION)
    .argument('[pid]', 'the process, or one of its threads', processId)
    .option('--core <file>', 'a core instead of a process, also a packed one')
    .option('--exe <file>', 'the executable of the core')
    .option('--sysroot <directory>', "the file tree of the core's machine (default: /)")
    .option('--json', 'one JSON object, as docs/record.schema.json describes it')
    .option('--sections <names>', 'only these, separated by commas', sectionNames)
    .addHelpText('after', HELP);
}

/** One that no process can have is a process that is not there, no wrong usage. */
function processId(text: string): number {
  if (!/^\d+$/.test(text))
    throw new InvalidArgumentError(`A process id is a number from 1 to ${MAX_PID}; pidof NAME tells it.`);
  return Number(text);
}

function sectionNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TEXT_SECTION_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `There is no section '${printable(unknown)}'; there are ${TEXT_SECTION_NAMES.join(', ')}.`,
    );
  }
  return names;
}
