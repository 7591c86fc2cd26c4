import { type Check, fail, ok, warn } from './check.ts';

/** Does the server run, which makes reports of what was captured? And what has it noticed itself? */
export const serverProcess: Check = {
  name: 'server',
  look({ server: { state, status }, services, collection }) {
    if (status === null) return fail('no server has run since the machine started', services.enable);
    const again = `${services.restart}; why it ended: ${services.log}`;
    const waits = collection.isCollecting ? ': crashes wait for it' : '';
    if (state === 'stopped') return fail(`the server was stopped${waits}`, again);
    if (state === 'killed')
      return fail(`the server (pid ${status.pid}) has ended without a word${waits}`, again);
    const { corePattern, corePipeLimit, ledger } = status;
    const findings = [ok(`pid ${status.pid}, version ${status.version}, since ${status.startedAt}`)];
    const changes = corePattern.changes + corePipeLimit.changes;
    if (changes > 0) {
      const taken = corePattern.takenBack + corePipeLimit.takenBack;
      findings.push(
        warn(
          `core_pattern or core_pipe_limit was changed ${changes} times by somebody else since then, and taken back ${taken} times`,
          `what to: ${services.log}, core-pattern-changed; take-back-core-pattern = true takes it back each time`,
        ),
      );
    }
    if (ledger.state === 'off' || ledger.why !== null) {
      findings.push(
        warn(
          `crashes that the kernel skips are not all known: ${ledger.why ?? 'the ledger is off'}`,
          'a kernel with CONFIG_PROC_EVENTS, CAP_NET_ADMIN and CAP_SYSLOG for the server, and no container',
        ),
      );
    }
    return findings;
  },
};
