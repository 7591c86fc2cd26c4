import type { Comparison, Difference } from '../test/corpus/compare-backtraces.ts';
import { table } from './collector.ts';
import type { Taken, TakenOfCrash } from './policy-client.ts';
import type { PolicyConstant } from './policy-constants.ts';

/** Of the times of all changes that take the same core, so many differ by no more than what counts as noise. */
const NOISE_QUANTILE = 0.9;

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
  const noiseMs = noiseOf(measured);
  const rows = constants.map((constant) => [
    `\`${constant.name}\``,
    constant.value,
    ...[0.5, 2].flatMap((factor) => {
      const { kib, ms, values } = changeOf(constant, factor, measured);
      return [kib, Math.abs(ms) > noiseMs ? signed(ms, 1) : '', values];
    }),
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
they change by more than ${noiseMs.toFixed(1)}, which nine in ten do not that take the very same core. What is shown less or more:
frames, and arguments, locals and variables, that are no longer or newly equal to the full core's. A 0, or nothing, means that in
these programs nothing was lost or gained: not that no program would lose or gain. The 64 outermost frames of a deep
stack are read by the analysis, not by gdb alone: they are not counted here. Why each figure is as it is stands beside it in capture/.

${table(['program', 'threads', 'frames', 'values', 'differ', 'KiB', 'ms'], programs)}
${table(head, rows)}`;
}

/** What one factor of a figure changes in all programs. */
interface Change {
  kib: string;
  ms: number;
  values: string;
}

function changeOf(constant: PolicyConstant, factor: number, measured: readonly Measured[]): Change {
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
  return {
    kib:
      largest === undefined || largest.bytes === 0
        ? '0'
        : `${signed(totalBytes / 1024, 0)} (${largest.program})`,
    ms: totalMs,
    values: values.join(', '),
  };
}

/** By how much the time of all programs differs where the core is the same, in ms. */
function noiseOf(measured: readonly Measured[]): number {
  const changes = Map.groupBy(
    measured.flatMap(({ shown }) => shown),
    ({ name, factor }) => `${name} ${factor}`,
  );
  const same = [...changes.values()].filter((change) => change.every(({ path }) => path === null));
  const times = same.map((change) => Math.abs(change.reduce((sum, { moreMs }) => sum + moreMs, 0)));
  return times.sort((one, other) => one - other)[Math.floor(times.length * NOISE_QUANTILE)] ?? 0;
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
