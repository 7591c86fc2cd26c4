/**
 * How bytes that are not text by nature (names, arguments, environment, paths) stand in the record's JSON:
 * valid UTF-8 as it is, a backslash as `\\`, and every byte that is not part of valid UTF-8 as `\xHH`.
 * The escape is reversible: {@link bytesOfText} gives the same bytes back.
 *
 * Control characters stay what they are here (JSON escapes them by itself); showing them to a person is
 * the business of printable-text.ts.
 */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const plain = buffer.toString('utf8');
  // The replacement character is the only sign of an invalid byte, and may also stand in valid text.
  if (!plain.includes('\ufffd')) return plain.replaceAll('\\', '\\\\');
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at);
    if (length === 0) {
      text += `\\x${(buffer[at] ?? 0).toString(16).padStart(2, '0')}`;
      at += 1;
    } else {
      text += buffer.toString('utf8', at, at + length).replaceAll('\\', '\\\\');
      at += length;
    }
  }
  return text;
}

/**
 * The bytes that {@link textOfBytes} was given.
 *
 * @param text May come from anybody: an escape that is none is taken literally.
 */
export function bytesOfText(text: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of text.matchAll(/\\(?:\\|x([0-9a-f]{2}))/g)) {
    parts.push(Buffer.from(text.slice(from, match.index), 'utf8'));
    parts.push(match[1] === undefined ? Buffer.from('\\') : Buffer.from(match[1], 'hex'));
    from = match.index + match[0].length;
  }
  parts.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(parts);
}

/** Length of the valid UTF-8 sequence at `at` (RFC 3629, no surrogates, no overlong forms), 0 where there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  const decoded = bytes.toString('utf8', at, at + length);
  return Buffer.byteLength(decoded) === length && [...decoded].length === 1 && !isReplaced(decoded, bytes, at)
    ? length
    : 0;
}

/** Whether the decoder put U+FFFD in place of invalid bytes, instead of having read EF BF BD. */
function isReplaced(decoded: string, bytes: Buffer, at: number): boolean {
  return decoded === '\ufffd' && !(bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd);
}
