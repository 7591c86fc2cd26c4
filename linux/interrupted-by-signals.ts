const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * From now on SIGINT, SIGTERM and SIGHUP end nothing by themselves: whoever works looks at the signal that this returns, and cleans up.
 *
 * @returns Aborted by the first of them, with its name in the reason's message.
 */
export function interruptedBySignals(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
  }
  return interruption.signal;
}
