import type { Captured } from './captured.ts';

/** The same without objects that compute what they are asked for: handing it to another thread keeps data only. */
export function plainCaptured(captured: Captured): Captured {
  const threads = captured.head.threads.map(({ tid, registers }) => ({ tid, registers: new Map(registers) }));
  return { ...captured, head: { ...captured.head, threads } };
}
