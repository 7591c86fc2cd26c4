import { type Check, type Finding, ok, warn } from './check.ts';

const LINES = `jq -r 'select(.collected == "not collected" or .collected == "gap") | [.at.iso, .program, .reason] | @tsv'`;

/** What the history itself says of crashes without a report, in the last seven days. */
export const lostCrashes: Check = {
  name: 'history',
  look({ history, paths, settings }) {
    if (history === null) return warn('it cannot be read', 'run it as root');
    const { repeats, gaps, lost } = history.lately;
    const findings = lost.map(({ reason, count }): Finding => {
      if (/exclude|matches/.test(reason)) return ok(`${count} crashes were only counted: ${reason}`);
      return warn(
        `${count} crashes of the last 7 days were not collected: ${reason}`,
        'docs/operations.md, "The ledger", says what to do about each reason',
      );
    });
    if (gaps > 0)
      findings.push(
        warn(`${gaps} times in the last 7 days crashes may be missing`, `${LINES} ${paths.logDir}/history`),
      );
    if (repeats > 0) {
      findings.push(
        ok(
          `${repeats} crashes of the last 7 days have no report of their own: they repeat others (repeats-per-hour is ${settings.repeatsPerHour})`,
        ),
      );
    }
    if (settings.exclude.length > 0)
      findings.push(ok(`excluded, and only counted: ${settings.exclude.join(', ')}`));
    return findings.length === 0 ? ok('no crash without a report in the last 7 days') : findings;
  },
};
