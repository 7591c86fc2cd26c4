import { fill, grid } from '../columns.ts';
import { printable, shellWord } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

/** Command line, places, environment, limits, cgroup and status; what is not known is not mentioned. */
export function processLines({ process, missing }: CrashRecord): string[] | null {
  const blocks = [
    block('Command line', commandLines(process.commandLine)),
    block('Directories', directoryLines(process)),
    block('Container', containerLines(process)),
    block(`Environment (${process.environment?.length ?? 0})`, process.environment?.map(printable)),
    block('Limits, soft/hard', limitLines(process.limits)),
    block('Cgroup', process.cgroup?.map(printable)),
    block('Status', statusLines(process.status)),
  ].filter((lines) => lines.length > 0);
  if (blocks.length === 0) return null;
  if (missing['process'] !== undefined)
    blocks.push([`in part not available: ${printable(missing['process'])}`]);
  return blocks.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function block(title: string, lines: string[] | undefined): string[] {
  return lines === undefined
    ? []
    : [title, ...(lines.length === 0 ? ['  empty'] : lines.map((line) => `  ${line}`.trimEnd()))];
}

/** As it could be pasted into a shell: over several lines where it is long. */
function commandLines(words: string[] | null): string[] | undefined {
  if (words === null) return undefined;
  const lines = fill(
    words.map((word) => `${shellWord(word)} `),
    '',
    '    ',
  );
  return lines.map((line, at) => (at < lines.length - 1 ? `${line} \\` : line));
}

function directoryLines({ cwd, root, ownMounts }: CrashRecord['process']): string[] | undefined {
  const lines = [
    ...(cwd === null ? [] : [`cwd   ${printable(cwd)}`]),
    ...(root === null ? [] : [`root  ${printable(root)}`]),
    ...(ownMounts === true
      ? ['paths may lead elsewhere on this machine: the process has mounts or a root directory of its own']
      : []),
  ];
  return lines.length === 0 ? undefined : lines;
}

const TOLD_BY: Readonly<{ [source: string]: string }> = {
  cgroup: 'the cgroup',
  mounts: 'the mounts of the process, which it may have made up',
  environment: 'the environment of the process, which it may have made up',
};

/** Ids in full, for the tools of the engine; nothing of a process that is in no container. */
function containerLines(process: CrashRecord['process']): string[] | undefined {
  const {
    container,
    containerEngine = null,
    containerToldBy: told = null,
    pod = null,
    unitInside = null,
  } = process;
  if (container === null && containerEngine === null) return undefined;
  const rows: [label: string, value: string | null][] = [
    ['engine', containerEngine],
    ['id', container],
    ['pod', pod],
    ['unit inside', unitInside],
    ['told by', told === null ? null : (TOLD_BY[told] ?? told)],
  ];
  return rows.flatMap(([label, value]) =>
    value === null ? [] : [`${label.padEnd(12)} ${printable(value)}`],
  );
}

/** `Max open files 1024/524288`, three beside each other. */
function limitLines(limits: CrashRecord['process']['limits']): string[] | undefined {
  if (limits === null) return undefined;
  return grid(
    limits.map(({ name, soft, hard }) => printable(`${name.replace(/^Max /, '')} ${soft}/${hard}`)),
    3,
  );
}

/** /proc/PID/status, four beside each other, a long value on a line of its own. */
function statusLines(status: CrashRecord['process']['status']): string[] | undefined {
  if (status === null) return undefined;
  return grid(
    status.map(({ name, value }) => printable(`${name} ${value.replace(/[\t ]+/g, ' ')}`)),
    4,
  );
}
