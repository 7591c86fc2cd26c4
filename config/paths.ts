import { resolve } from 'node:path';

/** Where everything lies; absolute. */
export interface Paths {
  /** Reports, history and `.pending`. */
  logDir: string;
  /** Sockets and the settings that a client reads. */
  runDir: string;
  /** What outlives a reboot. */
  stateDir: string;
  /** The configuration; its drop-ins are in the directory of the same name with `.d`. */
  configFile: string;
}

/**
 * The paths in force: the defaults, or what the environment says, so that a test or a quickstart can run beside an
 * installed system.
 *
 * @param env `USERCRASH_LOG_DIR`, `USERCRASH_RUN_DIR`, `USERCRASH_STATE_DIR`, `USERCRASH_CONFIG`; empty means not set.
 */
export function pathsFrom(env: Readonly<Record<string, string | undefined>>): Paths {
  return {
    logDir: resolve(env['USERCRASH_LOG_DIR'] || '/var/log/usercrashes'),
    runDir: resolve(env['USERCRASH_RUN_DIR'] || '/run/usercrash'),
    stateDir: resolve(env['USERCRASH_STATE_DIR'] || '/var/lib/usercrash'),
    configFile: resolve(env['USERCRASH_CONFIG'] || '/etc/usercrash/usercrash.toml'),
  };
}
