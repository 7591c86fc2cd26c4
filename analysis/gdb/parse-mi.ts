/**
 * Reads gdb's machine interface (gdb manual, "GDB/MI Output Syntax"), one line at a time. Names, paths and values
 * in it were chosen by the program that crashed, so nothing is taken that the grammar does not allow, and depth and
 * number of values are bounded.
 */

/** A c-string's text, a tuple by name, or a list. A list of `name=value` keeps only the values, in their order. */
export type MiValue = string | MiTuple | readonly MiValue[];

/** `{name=value,...}`; of a repeated name the first counts. */
export type MiTuple = ReadonlyMap<string, MiValue>;

/** One line of gdb's output. */
export type MiRecord =
  /** The answer to a command: `done`, `connected`, `error`, `running` or `exit`. */
  | { kind: 'result'; token: number | null; status: string; results: MiTuple }
  /** What happened by itself: `=thread-created`, `*stopped`. */
  | { kind: 'async'; event: string; results: MiTuple }
  /** `~` text for the user, `@` the program's own output, `&` gdb's messages. */
  | { kind: 'stream'; channel: 'console' | 'target' | 'log'; text: string }
  | { kind: 'prompt' };

/** Deepest nesting in an answer; gdb's own stays below 8. */
const MAX_DEPTH = 32;
/** Values in one line: 320 frames with 60 arguments each stay below. */
const MAX_VALUES = 200_000;

const CHANNELS = { '~': 'console', '@': 'target', '&': 'log' } as const;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const PLAIN = /[^"\\]*/y;
const TOKEN = /\d{0,15}/y;

/** Thrown and caught inside this file only. */
class NotMi extends Error {}

/**
 * Reads one line.
 *
 * @param line Without its newline, each byte as one character (latin1): escapes may stand inside a UTF-8 sequence.
 * @returns The record, or null where the line is not one that gdb's grammar allows.
 */
export function parseMiLine(line: string): MiRecord | null {
  try {
    return new Line(line).record();
  } catch (error) {
    if (error instanceof NotMi) return null;
    throw error;
  }
}

class Line {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  record(): MiRecord {
    if (/^\(gdb\) ?\r?$/.test(this.#text)) return { kind: 'prompt' };
    const channel = this.#channel();
    if (channel !== null) {
      this.#at = 1;
      const text = this.#string();
      return this.#ended({ kind: 'stream', channel, text });
    }
    const digits = this.#match(TOKEN);
    const mark = this.#text[this.#at];
    this.#at += 1;
    const name = this.#name();
    const results = this.#results();
    if (mark === '^') {
      const token = digits === '' ? null : Number(digits);
      return this.#ended({ kind: 'result', token, status: name, results });
    }
    if (mark === '*' || mark === '+' || mark === '=') {
      return this.#ended({ kind: 'async', event: name, results });
    }
    throw new NotMi();
  }

  #channel(): 'console' | 'target' | 'log' | null {
    const mark = this.#text[0];
    return mark === '~' || mark === '@' || mark === '&' ? CHANNELS[mark] : null;
  }

  #ended(record: MiRecord): MiRecord {
    const rest = this.#text.length - this.#at;
    if (rest === 0 || (rest === 1 && this.#text.endsWith('\r'))) return record;
    throw new NotMi();
  }

  /** The `,name=value` pairs behind a record's name. */
  #results(): MiTuple {
    const results = new Map<string, MiValue>();
    while (this.#take(',')) this.#pair(results, 0);
    return results;
  }

  #pair(into: Map<string, MiValue>, depth: number): void {
    const name = this.#name();
    this.#expect('=');
    const value = this.#value(depth);
    if (!into.has(name)) into.set(name, value);
  }

  #value(depth: number): MiValue {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) throw new NotMi();
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '{':
        return this.#tuple(depth);
      case '[':
        return this.#list(depth);
      default:
        throw new NotMi();
    }
  }

  #tuple(depth: number): MiTuple {
    const tuple = new Map<string, MiValue>();
    this.#expect('{');
    if (this.#take('}')) return tuple;
    do this.#pair(tuple, depth + 1);
    while (this.#take(','));
    this.#expect('}');
    return tuple;
  }

  #list(depth: number): MiValue[] {
    const list: MiValue[] = [];
    this.#expect('[');
    if (this.#take(']')) return list;
    do {
      const first = this.#text[this.#at];
      if (first !== '"' && first !== '{' && first !== '[') {
        this.#name();
        this.#expect('=');
      }
      list.push(this.#value(depth + 1));
    } while (this.#take(','));
    this.#expect(']');
    return list;
  }

  /** A c-string, decoded from UTF-8; bytes that are none become U+FFFD. */
  #string(): string {
    this.#expect('"');
    let text = this.#match(PLAIN);
    while (this.#take('\\')) text += this.#escape() + this.#match(PLAIN);
    this.#expect('"');
    return /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
  }

  /** What stands behind a backslash: gdb's utils.c, print_one_char. */
  #escape(): string {
    const octal = this.#match(/[0-3][0-7]{2}/y);
    if (octal !== '') return String.fromCharCode(Number.parseInt(octal, 8));
    const character = this.#text[this.#at];
    this.#at += 1;
    switch (character) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'a':
        return '\x07';
      case 'e':
        return '\x1b';
      case '"':
      case '\\':
      case "'":
        return character;
      default:
        throw new NotMi();
    }
  }

  #name(): string {
    const name = this.#match(NAME);
    if (name === '') throw new NotMi();
    return name;
  }

  /** `pattern` is sticky and may match nothing. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw new NotMi();
  }
}

/** The text called `name`, null where there is none or it is no text. */
export function textIn(tuple: MiTuple, name: string): string | null {
  const value = tuple.get(name);
  return typeof value === 'string' ? value : null;
}

/** The decimal number called `name`, null where there is none. */
export function numberIn(tuple: MiTuple, name: string): number | null {
  const text = textIn(tuple, name);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The `0x...` address called `name`, null where there is none, as for gdb's `<unavailable>`. */
export function addressIn(tuple: MiTuple, name: string): bigint | null {
  const text = textIn(tuple, name);
  return text !== null && /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : null;
}

/** The tuple called `name`, null where there is none. */
export function tupleIn(tuple: MiTuple, name: string): MiTuple | null {
  const value = tuple.get(name);
  return value instanceof Map ? value : null;
}

/** The tuples in the list called `name`, in their order; empty where there is none. */
export function tuplesIn(tuple: MiTuple, name: string): MiTuple[] {
  const value = tuple.get(name);
  return Array.isArray(value) ? value.filter((item) => item instanceof Map) : [];
}
