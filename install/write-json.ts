import type { Writable } from 'node:stream';

/** What printable-text.ts keeps from a terminal and JSON does not escape by itself. */
const UNESCAPED = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** JSON text that says the same, and in which nothing can steer a terminal: such characters stand in strings only. */
export function harmlessJson(json: string): string {
  return json.replace(UNESCAPED, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** One JSON value, indented, for programs and for people. */
export function writeJson(output: Writable, value: unknown): void {
  output.write(`${harmlessJson(JSON.stringify(value, null, 2))}\n`);
}
