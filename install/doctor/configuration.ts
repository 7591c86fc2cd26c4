import { type Check, ok, warn } from './check.ts';

/** A mistake stops nothing, but what somebody wanted does not hold. */
export const configuration: Check = {
  name: 'configuration',
  look({ configurationProblems, server, paths, services }) {
    const started = server.state === 'running' ? (server.status?.configurationProblems ?? []) : [];
    const problems = [...new Set([...configurationProblems, ...started])];
    if (problems.length === 0) return ok(`nothing is wrong in ${paths.configFile}`);
    return problems.map((problem) =>
      warn(problem, `mend it, look with crashlogctl config, then: ${services.restart}`),
    );
  },
};
