import { UsercrashError } from '../errors/usercrash-error.ts';

/** One setting, whoever reads it: the same name in the file, with dashes before it as a flag, and in the environment. */
export interface Setting<Value> {
  /** `max-bytes`: a key of the file, `--max-bytes`, `USERCRASH_MAX_BYTES`. */
  name: string;
  /** What the value is, for `--help`; null for a switch, which is `true` or `false`. */
  placeholder: string | null;
  description: string;
  /** As somebody would write it. */
  fallback: string;
  /** @throws {UsercrashError} E_SETTING with what the value has to be. */
  parse(text: string): Value;
}

/** A setting of several values, of which each is read for itself; none by default. */
export interface ListSetting<Value> extends Omit<Setting<Value>, 'fallback'> {
  isList: true;
}

/** The variable of the environment that sets it. */
export function variableOf({ name }: { name: string }): string {
  return `USERCRASH_${name.toUpperCase().replaceAll('-', '_')}`;
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^[0-9]+$/.test(text) || number < least || number > most) {
      throw new UsercrashError('E_SETTING', `It is a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new UsercrashError('E_SETTING', `It is one of ${words.join(', ')}.`);
    return found;
  };
}

/** @param what It names: `program`. */
export function nameOf(what: string): (text: string) => string {
  return (text) => {
    if (text.trim() === '') throw new UsercrashError('E_SETTING', `It is the name of a ${what}.`);
    return text;
  };
}

export function trueOrFalse(text: string): boolean {
  return oneOf(['true', 'false'])(text) === 'true';
}
