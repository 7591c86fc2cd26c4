import { addressText } from '../address-text.ts';
import { fill, REPORT_COLUMNS } from '../columns.ts';
import { printable, printableLines } from '../printable-text.ts';
import type { Record as CrashRecord, Frame, Module, Variable } from '../record.ts';

/** Characters of an argument that are shown, about four lines: Rust passes whole closures. The JSON has all of it. */
const MAX_ARGUMENT = 400;
/** What the second and later lines of a frame begin with. */
const INDENT = '      ';

/**
 * A frame's lines: `#0  function (arg=value) at file:line`, for one without a line its module and the offset in it, for
 * one without a name its address. With `locals`, its local variables beneath.
 */
export function frameLines(
  frame: Frame,
  record: Pick<CrashRecord, 'process'>,
  show: { locals: boolean },
): string[] {
  const level = `${`#${frame.level}`.padEnd(3)} `;
  const names = nameWords(frame, record).flatMap((word) =>
    word.length > REPORT_COLUMNS - INDENT.length ? word.split(/(?<=, )/) : [word],
  );
  const lines = fill([...names, placeWord(frame)], level, INDENT);
  return show.locals ? [...lines, ...(frame.locals ?? []).flatMap(localLines)] : lines;
}

/**
 * Where a frame or a mere address is, in a phrase for the head: `process_data (app.c:142) in /usr/bin/app`,
 * `0x00007f0000001234 in /usr/lib/libx.so+0x1234`.
 *
 * @param record Its modules tell that of an address that no frame tells.
 */
export function placeText(
  frame: Partial<Frame> & Pick<Frame, 'pc'>,
  record: Pick<CrashRecord, 'process' | 'modules'>,
): string {
  const modules = record.modules ?? [];
  const inModule = (prefix: string) => {
    const module = frame.module ?? moduleAt(frame.pc, modules)?.path ?? null;
    if (module === null) return '';
    const offset = frame.moduleOffset ?? offsetIn(frame.pc, modules);
    return `${prefix}${printable(module)}${prefix === ' in ' && frame.file == null ? plus(offset) : ''}`;
  };
  if (frame.function == null) {
    return frame.pc === null
      ? 'not known'
      : `0x${addressText(frame.pc, record)}${inModule(' in ') || ', in no module'}`;
  }
  const line = frame.line == null ? '' : `:${frame.line}`;
  const file = frame.file == null ? '' : ` (${printable(baseName(frame.file))}${line})`;
  return `${printable(frame.function)}${file}${inModule(' in ')}`;
}

/** The module that holds an address. */
export function moduleAt(address: string | null, modules: readonly Module[]): Module | null {
  // 16 digits each: the order of the strings is that of the addresses.
  if (address === null) return null;
  return modules.find((module) => module.start <= address && address < module.end) ?? null;
}

function offsetIn(address: string | null, modules: readonly Module[]): string | null {
  const module = moduleAt(address, modules);
  if (module === null || address === null) return null;
  return BigInt.asUintN(64, BigInt(`0x${address}`) - BigInt(`0x${module.base}`)).toString(16);
}

/** `+0x1f2a`, nothing for null. */
function plus(offset: string | null): string {
  return offset === null ? '' : `+0x${offset.replace(/^0+(?=.)/, '')}`;
}

function nameWords(frame: Frame, record: Pick<CrashRecord, 'process'>): string[] {
  if (frame.signalHandler) return ['<signal handler called> '];
  const pc = frame.pc === null ? '?' : addressText(frame.pc, record);
  const name = frame.function === null ? `0x${pc} in ?? ` : `${printable(frame.function)} `;
  const words = changedArguments(frame.arguments ?? []).map(assignment);
  // Without debug information gdb's name for a C++ function brings its parameters.
  if (words.length === 0) return [frame.function === null || name.endsWith(') ') ? name : `${name}() `];
  const last = words.length - 1;
  // The name stays with its first argument, so that no line ends in an open bracket.
  return words.map((word, at) => `${at === 0 ? `${name}(` : ''}${word}${at < last ? ', ' : ') '}`);
}

/**
 * gdb gives an argument a second time with its value at the function's entry, as `name@entry`, where it knows that: one
 * that has not changed since says nothing new.
 */
function changedArguments(variables: readonly Variable[]): Variable[] {
  return variables.filter(({ name, value }, at) => {
    const before = variables[at - 1];
    return !(before !== undefined && name === `${before.name}@entry` && value === before.value);
  });
}

function placeWord(frame: Frame): string {
  if (frame.file !== null) {
    return `at ${printable(frame.file)}${frame.line === null ? '' : `:${frame.line}`}`;
  }
  if (frame.module === null) return frame.signalHandler || frame.function !== null ? '' : 'in no module';
  return `from ${printable(frame.module)}${plus(frame.moduleOffset)}`;
}

function assignment({ name, value }: Variable): string {
  const shown = value === null ? '' : printable(value.slice(0, MAX_ARGUMENT));
  const isWhole = value !== null && value.length <= MAX_ARGUMENT;
  return `${printable(name)}=${shown}${isWhole ? '' : '…'}`;
}

function localLines({ name, value }: Variable): string[] {
  const [first = '', ...rest] = value === null ? ['not available'] : printableLines(value);
  const wrapped = (line: string, before: string) => fill(line.split(/(?<=, )/), before, '          ');
  return [
    ...wrapped(first, `        ${printable(name)} = `),
    ...rest.flatMap((line) => wrapped(line, '          ')),
  ];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
