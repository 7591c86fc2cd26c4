import type { Page } from './roff.ts';

/** What moves the directories of every program: config/paths.ts. */
export const ENVIRONMENT: Page['parts'][number] = {
  title: 'ENVIRONMENT',
  blocks: [
    { term: '`USERCRASH_LOG_DIR`', text: 'Where reports are, instead of `/var/log/usercrashes`.' },
    { term: '`USERCRASH_RUN_DIR`', text: 'Where sockets are, instead of `/run/usercrash`.' },
    { term: '`USERCRASH_STATE_DIR`', text: 'What outlives a reboot, instead of `/var/lib/usercrash`.' },
    { term: '`USERCRASH_CONFIG`', text: 'The configuration, instead of `/etc/usercrash/usercrash.toml`.' },
  ],
};

/** Where things lie. */
export const FILES: Page['parts'][number] = {
  title: 'FILES',
  blocks: [
    {
      term: '`/var/log/usercrashes/usercrash_`<NN>',
      text: 'A report as text; `.json` beside it is the same for programs, `.core.zst` the small core. <NN> is used again.',
    },
    { term: '`/var/log/usercrashes/history`', text: 'A line of JSON for every crash, whatever came of it.' },
    { term: '`/run/usercrash/status.json`', text: 'How things stand.' },
    { term: '`/etc/usercrash/usercrash.toml`', text: 'The configuration: `usercrash.toml`(5).' },
  ],
};
