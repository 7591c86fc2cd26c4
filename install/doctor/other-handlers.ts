import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readRunSettings } from '../../config/run-settings.ts';
import { type Check, type Finding, ok, warn } from './check.ts';
import { unitStates } from './unit-states.ts';

/** Collectors that a distribution brings along, with the unit that writes core_pattern when it starts and when it ends. */
const HANDLERS: readonly { name: string; program: string; unit: string | null }[] = [
  { name: 'apport', program: '/usr/share/apport/apport', unit: 'apport.service' },
  // Ships a file of sysctl.d instead, which the check of the next boot looks at.
  { name: 'systemd-coredump', program: '/usr/lib/systemd/systemd-coredump', unit: null },
  { name: 'ABRT', program: '/usr/libexec/abrt-hook-ccpp', unit: 'abrt-ccpp.service' },
];

/** Is another handler installed beside us, that would take core_pattern, or that is to go on getting its crashes? */
export const otherHandlers: Check = {
  name: 'other handlers',
  async look({ paths, settings }) {
    const installed = HANDLERS.filter(({ program }) => existsSync(program));
    if (installed.length === 0) return ok('none');
    const states = (await unitStates(installed.map(({ unit, name }) => unit ?? `${name}.socket`))) ?? [];
    const { defaultPattern } = readRunSettings(paths.runDir);
    return installed.map(({ name, program, unit }): Finding => {
      const state = states.find((one) => one.name === unit);
      if (unit !== null && (state?.active === 'active' || state?.file === 'enabled')) {
        return warn(
          `${name} is installed, and ${unit} sets core_pattern when it starts`,
          `systemctl disable --now ${unit} && crashlogctl enable --now, or take-back-core-pattern = true`,
        );
      }
      const isFed = settings.defaultHandler && defaultPattern?.includes(`/${basename(program)}`) === true;
      return ok(`${name} is installed${isFed ? ', and gets every crash after us' : ''}`);
    });
  },
};
