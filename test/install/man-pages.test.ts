import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ALL_SETTINGS } from '../../config/server-settings.ts';
import { commandTables } from '../../scripts/command-tables.ts';

const directory = join(import.meta.dirname, '../../install/man');
const pages = globSync(join(directory, '*.[1-8]')).sort();

/** As a terminal of 80 columns shows it. */
function shown(page: string): string {
  const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
  return execFileSync('man', ['-l', '-P', 'cat', join(directory, page)], { env, encoding: 'utf8' });
}

test('every manual page is there, and man and groff have nothing to say about it', () => {
  assert.deepEqual(
    pages.map((page) => basename(page)),
    [
      ...['crashlogctl.1', 'debugger.1', 'usercrash-client.8', 'usercrash-server.8', 'usercrash.7'],
      'usercrash.toml.5',
    ],
  );
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' };
  for (const page of pages) {
    for (const [program, args] of [
      ['man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page]],
      ['groff', ['-man', '-Tutf8', '-ww', '-b', '-z', page]],
    ] as const) {
      const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
      assert.deepEqual({ page, status, stderr }, { page, status: 0, stderr: '' });
    }
    // What apropos(1) finds it by.
    const name = execFileSync('lexgrog', [page], { encoding: 'utf8' });
    assert.match(name, /: "[\w.-]+ - .+"$/m);
  }
});

test('crashlogctl(1) has every command with every option, debugger(1) and usercrash-server(8) all of theirs', () => {
  const { crashlogctl, debugger: debugger_, server } = commandTables();
  const control = shown('crashlogctl.1');
  for (const command of crashlogctl.commands) {
    const [, own = ''] = control.split(new RegExp(`^   crashlogctl ${command.name()} `, 'm'));
    assert.notEqual(own, '', command.name());
    for (const option of command.createHelp().visibleOptions(command))
      assert.ok(own.includes(option.long ?? option.flags), `${command.name()} ${option.flags}`);
  }
  for (const [command, page] of [
    [debugger_, 'debugger.1'],
    [server, 'usercrash-server.8'],
  ] as const) {
    const text = shown(page);
    for (const option of command.createHelp().visibleOptions(command))
      assert.ok(text.includes(option.long ?? option.flags), option.flags);
  }
});

test('usercrash.toml(5) has every setting', () => {
  const text = shown('usercrash.toml.5');
  for (const [, { name }] of ALL_SETTINGS) assert.match(text, new RegExp(`^ +${name} = `, 'm'));
});
