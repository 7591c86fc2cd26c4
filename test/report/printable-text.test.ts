import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { bytesOfText, textOfBytes } from '../../report/bytes-text.ts';
import { printable, printableLines, shellWord } from '../../report/printable-text.ts';

test('printable() leaves ordinary text of any language as it is', () => {
  for (const text of ['plain', 'größe', '日本語', 'עברית', 'हिन्दी', 'e\u0301', '🙂', 'a\\\\b'])
    assert.equal(printable(text), text);
});

test('printable() escapes what steers a terminal, turns text around or cannot be seen', () => {
  assert.equal(printable('\x1b[2J\x07\n\r\t\x7f'), '\\x1b[2J\\x07\\n\\r\\t\\x7f');
  assert.equal(printable('\u009b31m'), '\\u009b31m');
  assert.equal(printable('\u202egnp.exe'), '\\u202egnp.exe');
  assert.equal(printable('a\u200bb\ufeff\u00ad\u3164\u2800'), 'a\\u200bb\\ufeff\\u00ad\\u3164\\u2800');
  assert.equal(printable('a\u00a0b\u2028c'), 'a\\u00a0b\\u2028c');
  assert.equal(printable('\u{e0041}'), '\\U000e0041');
  assert.equal(printable('\ud800'), '\\ud800');
});

test('printable() escapes combining marks that would sit on our text or tower over other lines', () => {
  assert.equal(printable('\u0301x'), '\\u0301x');
  assert.equal(printable(`a${'\u0301'.repeat(5)}`), `a${'\u0301'.repeat(3)}\\u0301\\u0301`);
});

test('printable() changes nothing more when it is applied twice, for every code point', () => {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const once = printable(`a${String.fromCodePoint(code)}`);
    if (printable(once) !== once || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(once))
      assert.fail(`U+${code.toString(16)}: ${once}`);
  }
});

test('printableLines() splits lines, expands tabs and drops the white space at the end', () => {
  assert.deepEqual(printableLines('one\r\n\tx\tyy\n\x1b[0m  \n\n'), [
    'one',
    '        x       yy',
    '\\x1b[0m',
  ]);
  assert.deepEqual(printableLines(''), ['']);
});

test('shellWord() gives words that bash reads back as the same bytes', () => {
  const words = [
    'plain',
    '',
    'two words',
    "it's",
    'a\\b',
    'new\nline',
    '\x1b]0;t\x07',
    '$(touch x);`id`',
    '-é',
    '\u202e',
    '*?',
  ];
  const bytes = [...words.map((word) => Buffer.from(word)), Buffer.from([0xff, 0x5c, 0x80])];
  const quoted = bytes.map((word) => shellWord(textOfBytes(word)));
  assert.deepEqual(quoted.slice(0, 4), ['plain', "''", "'two words'", "$'it\\'s'"]);
  const output = execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${quoted.join(' ')}`], {
    env: { LC_ALL: 'C.UTF-8' },
  });
  assert.deepEqual(output, Buffer.concat(bytes.map((word) => Buffer.concat([word, Buffer.alloc(1)]))));
  assert.deepEqual(bytesOfText(textOfBytes(bytes.at(-1) ?? Buffer.alloc(0))), bytes.at(-1));
});
