import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandTables } from '../../scripts/command-tables.ts';
import { run } from '../machine/collecting.ts';
import { isShown, readmeWalk } from '../vm/readme-walk.ts';
import { collected, onTerminal } from './collected.ts';

const root = join(import.meta.dirname, '../..');
/** What can be done without installing anything; test/vm/walk.test.ts does all of it. */
const READING = ['list', 'show', 'debug'];

/** What crashlogctl gets of a command line; null for another program's. */
function argumentsOf(command: string): string[] | null {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const at = words.indexOf('crashlogctl');
  return at === -1 ? null : words.slice(at + 1);
}

test('README: the commands of the walk, and their options, are those of crashlogctl', () => {
  const { crashlogctl } = commandTables();
  const lines = readmeWalk().map(({ command }) => argumentsOf(command));
  const own = lines.filter((args) => args !== null);
  for (const name of ['enable', 'list', 'show', 'debug', 'disable'])
    assert.ok(
      own.some(([first]) => first === name),
      `${name} is not in it`,
    );
  for (const [name = '', ...args] of own) {
    const command = crashlogctl.commands.find((one) => one.name() === name);
    assert.ok(command !== undefined, name);
    const end = args.indexOf('--');
    const flags = args.slice(0, end === -1 ? args.length : end).filter((word) => word.startsWith('-'));
    for (const flag of flags)
      assert.ok(
        command.options.some(({ long, short }) => long === flag || short === flag),
        `${name} ${flag}`,
      );
  }
});

test('README: the walk shows of a crash what crashlogctl shows of it', async (t) => {
  const crashes = await collected(async ({ directories, published }) => {
    mkdirSync(directories.stateDir, { recursive: true });
    chmodSync(join(directories.stateDir, '..'), 0o755);
    const program = join(directories.stateDir, 'orders');
    await published((await run('/bin/sh', ['-c', 'kill -SEGV $$'])).pid);
    execFileSync('gcc', ['-g', '-pthread', '-o', program, 'scripts/sample/orders.c'], { cwd: root });
    await published((await run('setpriv', ['--reuid=65534', '--clear-groups', program])).pid);
  });
  t.after(() => crashes.remove());
  for (const { command, shows } of readmeWalk()) {
    const args = argumentsOf(command);
    if (args === null || !READING.includes(args[0] ?? '')) continue;
    const env = { NO_COLOR: '1' };
    const shown = onTerminal(crashes.directories, args, { columns: 140, env }).trimEnd().split('\n');
    assert.ok(isShown(shows, shown), `${command} showed:\n${shown.join('\n')}`);
  }
});
