import { execFileSync } from 'node:child_process';
import type { Record as CrashRecord, Variable } from '../../report/record.ts';

/** One frame in the words that both sides can be brought to. */
export interface PlainFrame {
  level: number;
  function: string;
  arguments: string;
  /** `file.c:12`, null without debug information. */
  line: string | null;
}

const COMMANDS = [
  'set width 0',
  'set debuginfod enabled off',
  'set print elements 200',
  'set print frame-arguments all',
  'thread apply all bt',
];

/**
 * What gdb itself prints for a full core: `thread apply all bt`, read as text.
 *
 * @returns Frames by kernel thread id.
 */
export function framesOfGdb(program: string, core: string): Map<number, PlainFrame[]> {
  return framesFrom([...COMMANDS.flatMap((line) => ['-ex', line]), program, core]);
}

/** The same for a live process, which gdb stops for it. */
export function framesOfAttachedGdb(pid: number): Map<number, PlainFrame[]> {
  return framesFrom(['-p', String(pid), ...COMMANDS.flatMap((line) => ['-ex', line])]);
}

function framesFrom(args: readonly string[]): Map<number, PlainFrame[]> {
  const text = execFileSync('gdb', ['-nx', '-batch', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const threads = new Map<number, PlainFrame[]>();
  let frames: PlainFrame[] = [];
  for (const line of text.split('\n')) {
    const thread = /^Thread \d+ \((?:Thread 0x[0-9a-f]+ \()?LWP (\d+)\)/.exec(line);
    if (thread !== null) {
      frames = [];
      threads.set(Number(thread[1]), frames);
    }
    const frame = /^#(\d+) +(?:0x[0-9a-f]+ in )?(.+?) \((.*)\)(?: at (.*):(\d+)| from .*)?$/.exec(line);
    if (frame === null) continue;
    const [, level, name = '', args = '', file, number] = frame;
    frames.push({
      level: Number(level),
      function: name,
      arguments: args,
      line: file === undefined ? null : `${file}:${number}`,
    });
  }
  return threads;
}

/** The same of a report. */
export function framesOfRecord(record: CrashRecord): Map<number, PlainFrame[]> {
  const threads = new Map<number, PlainFrame[]>();
  for (const { tid, frames } of record.threads ?? []) {
    threads.set(
      tid,
      (frames ?? []).map((frame) => ({
        level: frame.level,
        function: frame.function ?? '??',
        arguments: argumentsText(frame.arguments ?? []),
        line: frame.file === null ? null : `${frame.file}:${frame.line}`,
      })),
    );
  }
  return threads;
}

/** As gdb writes them: an argument that is what it was at the function's entry stands as `name=name@entry=value`. */
function argumentsText(variables: readonly Variable[]): string {
  const parts: string[] = [];
  for (const [index, { name, value }] of variables.entries()) {
    const before = variables[index - 1];
    const isRepeated = before !== undefined && name === `${before.name}@entry` && value === before.value;
    if (isRepeated) parts[parts.length - 1] = `${before.name}=${name}=${value}`;
    else parts.push(`${name}=${value}`);
  }
  return parts.join(', ');
}
