import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What to do with whatever starts programs on this machine. */
export interface ServiceAdvice {
  /** So that crashes are collected, now and from every boot on. */
  enable: string;
  /** So that the server and its resident client start anew. */
  restart: string;
  /** So that one sees what the server has logged. */
  log: string;
}

const SYSTEMD: ServiceAdvice = {
  enable: 'crashlogctl enable --now',
  restart: 'systemctl restart usercrash.service usercrash-client.service',
  log: 'journalctl -u usercrash.service',
};

/** @param programs Absolute path of their directory, which has the scripts for OpenRC and runit: docs/operations.md. */
export function serviceAdvice(programs: string): ServiceAdvice {
  if (existsSync('/run/systemd/system')) return SYSTEMD; // sd_booted(3)
  const script = (name: string) => `as ${join(programs, 'init', name)} says at its beginning`;
  // Where it keeps its state: openrc(8).
  if (existsSync('/run/openrc')) {
    return {
      enable: `rc-update add usercrash boot && rc-service usercrash start; install it before, ${script('openrc/usercrash')}`,
      restart: 'rc-service usercrash restart',
      log: 'less /var/log/usercrash.log',
    };
  }
  if (nameOfInit() === 'runit') {
    return {
      enable: `ln -s /etc/sv/usercrash /etc/service/; install it before, ${script('runit/usercrash/run')}`,
      restart: 'sv restart usercrash',
      log: 'see what runsv(8) logs of usercrash',
    };
  }
  return {
    enable: 'start usercrash-server --own-core-pattern, which stays in the foreground',
    restart: 'end usercrash-server by Ctrl-C or SIGTERM, and start usercrash-server --own-core-pattern',
    log: 'see what usercrash-server has written to stderr',
  };
}

function nameOfInit(): string {
  return readFileSync('/proc/1/comm', 'utf8').trim();
}
