import { isIP } from 'node:net';

/** What is looked for in text, and what stands in its place. Every pattern takes time linear in the text. */
export interface PersonalPattern {
  /** In words, several of it: `e-mail addresses`. */
  what: string;
  pattern: RegExp;
  /** Null where it is nothing personal after all. */
  replacement: (match: string, ...groups: string[]) => string | null;
}

/** What is called like a secret: in options, in assignments, in fields of JSON. */
const SECRET =
  '[\\w-]{0,64}(?:passw(?:or)?d|passphrase|pwd|secret|token|api-?_?key|access-?_?key|private-?_?key|credential|cookie|auth)[\\w-]{0,64}';

/** An option whose value is its next word: `--token`. */
export const SECRET_OPTION = new RegExp(`^--?${SECRET}$`, 'i');

/** The domains of what systemd calls `name@instance.service`. */
const UNIT = /\.(?:service|socket|scope|slice|timer|mount|automount|swap|path|target|device)$/i;
const EMAIL: PersonalPattern = {
  what: 'e-mail addresses',
  pattern: /(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/gi,
  replacement: (match) => (UNIT.test(match) ? null : '<e-mail>'),
};

/** Where homes lie: hier(7), ostree's /var/home, and what file servers call them. */
export const HOMES = '(?:/(?:var|usr|export|data|srv|mnt|nfs))?/home/';

/** In all text of a record. */
export const PATTERNS: readonly PersonalPattern[] = [
  {
    what: 'secrets',
    pattern: /(?<=\w:\/\/)[^\s/@:]{0,256}:[^\s/@]{1,256}@/g,
    replacement: () => '<secret>@',
  },
  {
    what: 'secrets',
    pattern: /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:[^-]|-(?!----END))*/g,
    replacement: () => '<secret>',
  },
  {
    // AWS, GitHub, GitLab, Slack, Stripe and others, JSON web tokens.
    what: 'secrets',
    pattern:
      /(?<![\w-])(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,255}|github_pat_\w{30,255}|glpat-[\w-]{20,255}|xox[a-z]-[\w-]{10,255}|sk[-_][\w-]{16,255}|eyJ[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{0,4096})/g,
    replacement: () => '<secret>',
  },
  EMAIL,
  {
    what: 'home directories',
    pattern: new RegExp(`(?<=(?:^|[^\\w.])${HOMES})(?!<)[^/\\s"':,;()<>]{1,255}`, 'g'),
    replacement: () => '<user>',
  },
];

/** In what a program wrote or was told: elsewhere four numbers with dots are a version, and `a::b` is a name in C++. */
export const WRITTEN_PATTERNS: readonly PersonalPattern[] = [
  {
    what: 'secrets',
    pattern: new RegExp(
      `(?<![\\w-])(${SECRET}["']?\\s{0,8}[=:]\\s{0,8}(?:bearer |basic )?)("[^"]*"|'[^']*'|[^\\s"',;&]+)`,
      'gi',
    ),
    replacement: (_, name = '') => `${name}<secret>`,
  },
  {
    what: 'secrets',
    pattern: /(?<=(?<![\w-])(?:bearer|basic) )[\w.~+/=-]{8,4096}/gi,
    replacement: () => '<secret>',
  },
  {
    what: 'IP addresses',
    pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g,
    replacement: (match) =>
      isIP(match) === 0 || /^(?:127\.|0\.0\.0\.0$)/.test(match) ? null : '<IP address>',
  },
  {
    what: 'IP addresses',
    pattern: /(?<![\w:.])[0-9a-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?:%\w{1,16})?(?![\w:])/gi,
    // Without a digit it is rather a name.
    replacement: (match) =>
      isIP(match) === 6 && /\d/.test(match.replace(/^::1$/, '')) ? '<IP address>' : null,
  },
  {
    what: 'hardware addresses',
    pattern: /(?<![\w:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:])/gi,
    replacement: () => '<hardware address>',
  },
];

/**
 * What is a name of somebody, or of the machine, wherever it stands as a word.
 *
 * @param names Of at least two characters each.
 * @param kind `flags`: `i` where capitals do not matter.
 */
export function namePattern(
  names: ReadonlySet<string>,
  { what, placeholder, flags = '' }: { what: string; placeholder: string; flags?: string },
): PersonalPattern | null {
  if (names.size === 0) return null;
  const words = [...names].map(literally).sort((one, other) => other.length - one.length);
  return {
    what,
    pattern: new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.join('|')})(?![\\p{L}\\p{N}_])`, `gu${flags}`),
    replacement: () => placeholder,
  };
}

/** A home that lies elsewhere than others do. */
export function homePattern(home: string): PersonalPattern {
  return {
    what: 'home directories',
    pattern: new RegExp(`(?<![\\w.])${literally(home)}(?![\\w.-])`, 'g'),
    replacement: () => '<home>',
  };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
