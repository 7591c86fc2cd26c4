import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CRASHED_THREAD, ONE_OF_MANY, OTHER_THREAD } from '../capture/thread-policy.ts';

const CAPTURE = join(import.meta.dirname, '..', 'capture');
/** What decides what a small core of a crash holds: the bench changes each figure. */
const FILES = [
  ...[
    'small-core.ts',
    'thread-policy.ts',
    'plan-thread.ts',
    'plan-stack.ts',
    'plan-data.ts',
    'plan-glibc.ts',
  ],
  ...['follow-pointers.ts', 'memory-plan.ts', 'stack-slots.ts', 'count-returns.ts', 'stack-in-use.ts'],
  ...['signal-frames.ts', 'zero-ranges.ts', 'link-map.ts', 'plan-modules.ts'],
];
/** What decides what is taken of cores and of live processes, and the quick key: no small core of a crash depends on that. */
const FILES_OF_OTHERS = [
  ...['file/capture-core.ts', 'live/capture-live.ts'],
  ...['quick-key.ts', 'stack-scan.ts', 'call-chain.ts'],
];
/** What the kernel, the ABI and glibc say, and what the code is built upon. */
const FACTS =
  /^(?:MIN_ADDRESS|MAX_ADDRESS|TCB_HEAD_BYTES|RANGE_BYTES|SLOT_INFO_BYTES|CONTROL_BLOCK_BYTES|FILTER_BYTES|GRANULE_BYTES|DEBUG_WORDS|ENTRY_WORDS|DT_\w+|SIGSEGV)$/;

/** A figure of the small core's policy. */
export interface PolicyConstant {
  /** In capture/. */
  file: string;
  name: string;
  /** As it stands in the source. */
  value: string;
  /** False where it has nothing to do with the small core of a crash: then the bench does not change it. */
  isChanged: boolean;
}

/**
 * Finds all figures of the policy, those that the bench changes first, by the form that they have in capture/:
 * `const NAME = 64 * 1024;`, and the numbers in the policies of threads and of data.
 */
export function policyConstants(): PolicyConstant[] {
  return [...FILES, ...FILES_OF_OTHERS].flatMap((file) => {
    const isChanged = FILES.includes(file);
    const source = readFileSync(join(CAPTURE, file), 'utf8');
    const plain = Array.from(
      source.matchAll(/^(?:export )?const ([A-Z][A-Z_]+) = (-?[\d._* ]+);$/gm),
      (match) => {
        const [, name = '', value = ''] = match;
        return { file, name, value, isChanged };
      },
    );
    return [
      ...plain.filter(({ name }) => !FACTS.test(name)),
      ...fieldsOf(file, source).map((field) => ({ ...field, isChanged })),
    ];
  });
}

/**
 * A file of capture/ in which its figures can be changed while it runs: `globalThis.policy[NAME](factor)` makes one so many
 * times as large, and returns what puts it back.
 */
export function changeable(file: string, source: string): string {
  const constants = policyConstants().filter((constant) => constant.isChanged && constant.file === file);
  let text = source.replace(/^(export )?const (?=[A-Z][A-Z_]+ = [\d._* ]+;$)/gm, '$1let ');
  for (const { name } of constants) {
    // A share stays a fraction, and what counts something stays whole.
    text += `
(globalThis.policy ??= {})['${name}'] = (factor) => {
  const old = ${name};
  ${name} = old < 1 ? old * factor : Math.ceil(old * factor);
  return () => { ${name} = old; };
};`;
  }
  return text;
}

function fieldsOf(file: string, source: string): Omit<PolicyConstant, 'isChanged'>[] {
  if (file === 'plan-data.ts') {
    return Array.from(
      source.matchAll(/^const ([A-Z]+): DataPolicy = \{\n.*\n {2}bytes: (.*),\n {2}moduleBytes: (.*),$/gm),
      ([, policy, bytes = '', moduleBytes = '']) => [
        { file, name: `${policy}.bytes`, value: bytes },
        { file, name: `${policy}.moduleBytes`, value: moduleBytes },
      ],
    ).flat();
  }
  if (file !== 'thread-policy.ts') return [];
  const seen = new Set<unknown>();
  return Object.entries({ CRASHED_THREAD, OTHER_THREAD, ONE_OF_MANY }).flatMap(([name, policy]) =>
    numbersIn(name, policy, seen).map(([path, value]) => ({ file, name: path, value: String(value) })),
  );
}

/** All finite numbers in an object; of what several share only the first. */
function numbersIn(path: string, value: unknown, seen: Set<unknown>): [path: string, value: number][] {
  if (typeof value === 'number') return Number.isFinite(value) ? [[path, value]] : [];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([key, inner]) =>
    numbersIn(Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, inner, seen),
  );
}
