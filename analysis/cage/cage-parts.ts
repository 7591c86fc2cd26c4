/** What a cage consists of; where one cannot be made, a report says so. */
export const CAGE_PARTS = {
  view: 'a file system of its own',
  readOnly: 'a read-only file system',
  processes: 'no sight of other processes',
  network: 'no network',
  ipc: 'no shared memory or message queues',
  filter: 'a filter of system calls',
} as const;
