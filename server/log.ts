import { createLogger, format, type Logger, transports } from 'winston';

/** systemd reads the level of a line on stderr from a number in front of it: sd-daemon(3). */
const SYSLOG_LEVELS: Readonly<Record<string, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** Lines that nobody reads, because journald hangs, wait in memory up to here, in bytes; later ones are counted. */
const MAX_UNREAD_BYTES = 128 * 1024;

/**
 * The server's log: one line an event on stderr, a constant name and then fields, never memory or environments.
 *
 * @param options `isJournal` where stderr goes to journald, which has times and levels of its own.
 */
export function serverLog(options: { level: string; isJournal: boolean }): Logger {
  let lost = 0;
  const bounded = format((info) => {
    if (process.stderr.writableLength > MAX_UNREAD_BYTES) {
      lost += 1;
      return false;
    }
    if (lost > 0) info['lostBefore'] = lost;
    lost = 0;
    return info;
  });
  const line = format.printf(({ level, message, timestamp, ...fields }) => {
    const words = [
      message,
      ...Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`),
    ].join(' ');
    return options.isJournal ? `<${SYSLOG_LEVELS[level] ?? 6}>${words}` : `${timestamp} ${level} ${words}`;
  });
  return createLogger({
    level: options.level,
    format: format.combine(bounded(), format.timestamp(), line),
    transports: [new transports.Console({ stderrLevels: Object.keys(SYSLOG_LEVELS) })],
  });
}

/** A value without spaces stands as it is; any other is quoted, which also keeps control characters out. */
function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return typeof text === 'string' && /^[!#-~]+$/.test(text) ? text : JSON.stringify(text ?? null);
}
