import { UNITS } from '../units.ts';
import type { Machine } from './machine.ts';
import type { Step } from './step.ts';

/** The step by which systemd starts the units at the next boot. */
export function enableUnits(machine: Machine, hasChanged: () => boolean): Step {
  const states = async () => (await machine.run('systemctl', 'is-enabled', ...UNITS)).stdout.split('\n');
  const enabled = async () => (await states()).filter((state) => state === 'enabled').length;
  const reload = async () => {
    if (machine.isBooted) await machine.must('systemctl', 'daemon-reload');
  };
  let wereEnabled = false;
  return {
    name: `enable ${UNITS.join(' ')}`,
    isDone: async () => (await enabled()) === UNITS.length && !hasChanged(),
    async do() {
      wereEnabled = (await enabled()) === UNITS.length;
      await reload();
      await machine.must('systemctl', 'enable', ...UNITS);
    },
    isUndone: async () => (await enabled()) === 0,
    async undo() {
      if (wereEnabled) return;
      const there = await loaded(machine);
      if (there.length > 0) await machine.must('systemctl', 'disable', ...there);
    },
  };
}

/** Those that have a file; systemctl refuses to disable others. */
async function loaded(machine: Machine): Promise<string[]> {
  const { stdout } = await machine.run('systemctl', 'list-unit-files', '--no-legend', ...UNITS);
  return UNITS.filter((unit) => stdout.split('\n').some((line) => line.startsWith(`${unit} `)));
}

/**
 * The step that starts a service and the socket that it takes over.
 *
 * @param units `without`: another socket, without which the service does; the kernel may not have what it is for.
 */
export function startUnits(
  machine: Machine,
  { service, socket, without }: { service: string; socket: string; without: readonly string[] },
  hasChanged: () => boolean,
): Step {
  const isActive = async (unit: string) => (await machine.run('systemctl', 'is-active', unit)).code === 0;
  let wasActive = false;
  const state = async (unit: string) => (await machine.run('systemctl', 'is-active', unit)).stdout.trim();
  return {
    name: `start ${socket} ${service}`,
    isDone: async () => (await isActive(socket)) && (await isActive(service)) && !hasChanged(),
    async do() {
      wasActive = await isActive(service);
      // A socket of a service that runs does not start; one that listens already goes on while the service starts anew.
      if (!(await isActive(socket))) {
        await machine.must('systemctl', 'stop', service);
        await machine.must('systemctl', 'start', socket);
        if (without.length > 0) await machine.run('systemctl', 'start', ...without);
      }
      await machine.must('systemctl', 'restart', service);
    },
    async isUndone() {
      const states = await Promise.all([socket, ...without, service].map(state));
      return states.every((word) => word === 'inactive' || word === 'unknown' || word === 'failed');
    },
    async undo() {
      // Whoever enables again, and fails, has what ran run on, with what its files were: enable.ts.
      if (wasActive) return;
      // In one: whoever connects to a socket that is left would start the service again.
      await machine.run('systemctl', 'stop', socket, ...without, service);
      await machine.run('systemctl', 'reset-failed', socket, ...without, service);
    },
  };
}
