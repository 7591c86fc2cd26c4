import type { Comparison, Difference } from '../test/corpus/compare-backtraces.ts';
import { table } from './collector.ts';
import type { Taken, TakenOfCrash } from './policy-client.ts';
import type { PolicyConstant } from './policy-constants.ts';

/** What the time of all programs differs by where nothing else does. */
const NOISE_MS = 1.5;

/** What was taken of one crash, and how gdb shows it. */
export interface Shown extends Taken {
  differences: Difference[];
}

/** A program of the corpus. */
export interface Measured {
  program: string;
  comparison: Comparison;
  taken: TakenOfCrash;
  shown: readonly Shown[];
}

/** What a program takes, and what each figure costs and gives, as Markdown. */
export function policyTable(measured: readonly Measured[], constants: readonly PolicyConstant[]): string {
  const programs = measured.map(({ program, comparison, taken }) => [
    program,
    ...[comparison.threads, comparison.frames, comparison.locals].map(String),
    String(comparison.differences.length),
    (taken.bytes / 1024).toFixed(0),
    taken.ms.toFixed(1),
  ]);
  const rows = constants.map((constant) => [
    `\`${constant.name}\``,
    constant.value,
    ...[0.5, 2].flatMap((factor) => changeOf(constant, factor, measured)),
  ]);
  const head = [
    'figure',
    'is',
    'halved: KiB',
    'ms',
    'shown less or more',
    'doubled: KiB',
    'ms',
    'shown less or more',
  ];
  return `Each figure is halved and doubled, alone, and the same held process captured with it and without; then gdb shows that core next
to the full one. KiB and ms are the sums over all programs: KiB with the program where they change most, ms (processor time) where
they change by more than ${NOISE_MS}. What is shown less or more: frames, and arguments, locals and variables, that are no longer or newly
equal to the full core's. The 64 outermost frames of a deep stack are read by the analysis, not by gdb alone: they are not counted
here. Why each figure is as it is stands beside it in capture/.

${table(['program', 'threads', 'frames', 'values', 'differ', 'KiB', 'ms'], programs)}
${table(head, rows)}`;
}

function changeOf(constant: PolicyConstant, factor: number, measured: readonly Measured[]): string[] {
  const changes = measured.map(({ program, comparison, shown }) => {
    const one = shown.find((each) => each.name === constant.name && each.factor === factor);
    if (one === undefined) throw new Error(`${constant.name} was not changed`);
    return {
      program,
      bytes: one.moreBytes,
      ms: one.moreMs,
      lost: missing(one.differences, comparison.differences),
      gained: missing(comparison.differences, one.differences),
    };
  });
  const totalBytes = changes.reduce((sum, { bytes }) => sum + bytes, 0);
  const totalMs = changes.reduce((sum, { ms }) => sum + ms, 0);
  const [largest] = changes.toSorted((one, other) => Math.abs(other.bytes) - Math.abs(one.bytes));
  const values = changes.flatMap(({ program, lost, gained }) => [
    ...(lost.length > 0 ? [`${program} −${counted(lost)}`] : []),
    ...(gained.length > 0 ? [`${program} +${counted(gained)}`] : []),
  ]);
  return [
    largest === undefined || largest.bytes === 0
      ? '0'
      : `${signed(totalBytes / 1024, 0)} (${largest.program})`,
    Math.abs(totalMs) < NOISE_MS ? '' : signed(totalMs, 1),
    values.join(', '),
  ];
}

/** Those of `some` that are not among `others`: the same variable of the same frame. */
function missing(some: readonly Difference[], others: readonly Difference[]): Difference[] {
  const key = ({ thread, level, what }: Difference) => `${thread} ${level} ${what}`;
  const known = new Set(others.map(key));
  return some.filter((difference) => !known.has(key(difference)));
}

function counted(differences: readonly Difference[]): string {
  const frames = differences.filter(({ what, small }) => what === 'frame' && small === 'no frame').length;
  const values = differences.filter(({ what, small }) => what !== 'end' && small !== 'no frame').length;
  return [frames > 0 ? `${frames} frames` : '', values > 0 || frames === 0 ? `${values} values` : '']
    .filter((part) => part !== '')
    .join(' ');
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 ? `−${text}` : `+${text}`;
}
