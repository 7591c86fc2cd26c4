import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { PROGRAM_PATH } from '../../config/run-settings.ts';

/** What systemd says of a unit: systemctl(1), `show`. */
export interface UnitState {
  name: string;
  /** `loaded`, `not-found`, `masked` */
  load: string;
  /** `active`, `failed`, `inactive`, ... */
  active: string;
  /** `success`, or why it failed: `exit-code`, `watchdog`, `start-limit-hit`, ... */
  result: string;
  /** `enabled`, `disabled`, `static`, ...; empty where it is not loaded. */
  file: string;
  /** How often it was started anew since it was started by somebody. */
  restarts: number;
}

const PROPERTIES = ['Id', 'LoadState', 'ActiveState', 'Result', 'UnitFileState', 'NRestarts'];
/** A machine that is starting or stopping answers late. */
const LIMIT_MS = 10_000;

/**
 * @returns In the order of `units`; null where systemd does not run this machine.
 * @throws Node's error where systemctl(1) fails.
 */
export async function unitStates(units: readonly string[]): Promise<UnitState[] | null> {
  if (!existsSync('/run/systemd/system')) return null;
  const { stdout } = await promisify(execFile)(
    'systemctl',
    ['show', `--property=${PROPERTIES.join(',')}`, '--', ...units],
    { env: { PATH: PROGRAM_PATH, LC_ALL: 'C' }, timeout: LIMIT_MS },
  );
  return stdout
    .trim()
    .split('\n\n')
    .map((paragraph) => {
      const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
      return {
        name: value('Id'),
        load: value('LoadState'),
        active: value('ActiveState'),
        result: value('Result'),
        file: value('UnitFileState'),
        restarts: Number(value('NRestarts')),
      };
    });
}
