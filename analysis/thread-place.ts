import { architectureOf } from '../capture/arch/architecture.ts';
import type { CoreHead, Registers } from '../capture/captured.ts';

/** What a core's head says about all threads: their registers, and which processor names them. */
export type CapturedThreads = Pick<CoreHead, 'threads' | 'machine' | 'bits'>;

/** Where a thread was; null where its registers are not known. */
export interface ThreadPlace {
  pc: bigint | null;
  sp: bigint | null;
}

/** Program counter and stack pointer of a thread, whatever its processor calls them. */
export function threadPlace(registers: Registers, processor: Omit<CapturedThreads, 'threads'>): ThreadPlace {
  const architecture = architectureOf(processor);
  const value = (name: string | undefined) => (name === undefined ? null : (registers.get(name) ?? null));
  return { pc: value(architecture?.pc), sp: value(architecture?.sp) };
}

/** The registers whose memory a report shows, in the order in which it shows them. */
export function mainPointers(
  registers: Registers,
  processor: Omit<CapturedThreads, 'threads'>,
): ReadonlyMap<string, bigint> {
  const names = architectureOf(processor)?.mainPointers ?? [];
  return new Map(
    names.flatMap((name) => {
      const value = registers.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
