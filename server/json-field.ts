/**
 * The value of a field of a JSON report, which writes every field on a line of its own (report/render-json.ts): parsing the
 * whole would cost the server more memory than all the rest of its work.
 *
 * @param bytes The report or its beginning, by whomever.
 * @returns Undefined where there is none, or none that is whole.
 */
export function jsonField(bytes: Buffer, name: string): unknown {
  const key = `\n${JSON.stringify(name)}:`;
  const start = bytes.indexOf(key);
  if (start === -1) return undefined;
  const from = start + key.length;
  const end = bytes.indexOf('\n', from);
  const text = bytes.toString('utf8', from, end === -1 ? bytes.length : end);
  try {
    return JSON.parse(text.replace(/,$/, ''));
  } catch {
    return undefined; // Cut short, or another program's.
  }
}
