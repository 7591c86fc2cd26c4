/** What systemd runs of us; each service behind the sockets that it takes over. */
export const UNITS = [
  'usercrash.socket',
  'usercrash-dumps.socket',
  'usercrash.service',
  'usercrash-client.socket',
  'usercrash-client.service',
] as const;
