import { readFileSync } from 'node:fs';
import { type Check, ok, warn } from './check.ts';

/** The user that those run as who have no need of root, and the group that may read reports. */
export const accounts: Check = {
  name: 'accounts',
  look({ settings: { group } }) {
    const findings = [];
    // Directly, as the server does: name services may hang.
    if (!hasEntry('/etc/passwd', 'usercrash')) {
      findings.push(
        warn(
          'there is no user usercrash: analyses run as a number of 65520 to 65529',
          'systemd-sysusers, or useradd --system usercrash',
        ),
      );
    }
    if (!hasEntry('/etc/group', group)) {
      findings.push(
        warn(
          `there is no group ${group}: only root may read reports`,
          `groupadd --system ${group}, or group = "NAME"`,
        ),
      );
    }
    return findings.length === 0 ? ok(`user usercrash, group ${group}`) : findings;
  },
};

function hasEntry(file: string, name: string): boolean {
  return readFileSync(file, 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${name}:`));
}
