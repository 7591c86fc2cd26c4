import { UNITS } from '../units.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';
import { type UnitState, unitStates } from './unit-states.ts';

/** So often anew is a fault that repeats. */
const MANY_RESTARTS = 5;

/** Have our units failed, or are they not started at the next boot? */
export const units: Check = {
  name: 'units',
  async look() {
    const states = await unitStates(UNITS);
    if (states === null) return ok('systemd does not run this machine');
    const present = states.filter(({ load }) => load !== 'not-found');
    if (present.length === 0) return fail('none of ours is installed', 'crashlogctl enable --now');
    return present.map(findingOf);
  },
};

function findingOf({ name, load, active, result, file, restarts }: UnitState): Finding {
  const again = `systemctl reset-failed ${name} && systemctl start ${name}; why: journalctl -u ${name} -n 50`;
  if (load === 'masked')
    return fail(`${name} is masked`, `systemctl unmask ${name} && crashlogctl enable --now`);
  if (active === 'failed') return fail(`${name} has failed: ${result}`, again);
  if (file === 'disabled') return warn(`${name} is not started at boot`, 'crashlogctl enable');
  if (restarts >= MANY_RESTARTS)
    return warn(`${name} was started anew ${restarts} times`, `journalctl -u ${name} -n 50`);
  return ok(`${name} is ${active}`);
}
