import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command, Option } from 'commander';
import { bashCompletion } from '../../scripts/completions/bash.ts';
import { commandLine } from '../../scripts/completions/command-line.ts';
import { fishCompletion } from '../../scripts/completions/fish.ts';
import { zshCompletion } from '../../scripts/completions/zsh.ts';
import { typedInto } from './typed-into.ts';

const completions = join(import.meta.dirname, '../../install/completions');

/** What is typed, and what the program gets. */
type Typed = readonly (readonly [string, string])[];

const REAL: Typed = [
  ['crashlogctl conf\t --js\t', 'config --json'],
  ['debugger --sections backt\t', '--sections backtrace'],
  ['debugger --sections threads,openF\t', '--sections threads,openFiles'],
  ['debugger --core /etc/os-rel\t', '--core /etc/os-release'],
];

/** A command line with a value of every kind. */
function every(): Command {
  const program = new Command('every').option('--quiet', "say nothing, also where it's odd: [so] or $so");
  program.command('show').argument('<NN>').option('-s, --signal <name>').option('--user <name>');
  program
    .command('sort')
    .addOption(new Option('--by <column>').choices(['size', 'time']))
    .argument('[pid]');
  program.command('delete').option('--into <directory>').argument('<NN...>');
  return program;
}

function typedIntoEvery(directory: string): Typed {
  return [
    ['every sh\t 1\t', 'show 12'],
    ['every delete 07 la\t', 'delete 07 latest'],
    ['every --q\t so\t --b\t ti\t', '--quiet sort --by time'],
    ['every sort --by=si\t', 'sort --by=size'],
    ['every show -s SIGSE\t', 'show -s SIGSEGV'],
    [`every delete --into ${directory}/dir\tin`, `delete --into ${directory}/directory/in`],
    ['every show --user daem\t', 'show --user daemon'],
  ];
}

/** A log directory with two reports, and the completions of {@link every}. */
function directoryWith(t: TestContext): string {
  const directory = mkdtempSync('/tmp/uc-completions-');
  t.after(() => rmSync(directory, { recursive: true }));
  for (const name of ['usercrash_07', 'usercrash_07.json', 'usercrash_12', 'history', 'dirt'])
    writeFileSync(join(directory, name), '');
  mkdirSync(join(directory, 'directory'));
  const line = commandLine(every());
  writeFileSync(join(directory, 'every.bash'), bashCompletion(line));
  writeFileSync(join(directory, '_every'), zshCompletion(line));
  writeFileSync(join(directory, 'every.fish'), fishCompletion(line));
  return directory;
}

for (const [shell, setup] of [
  ['bash --noprofile --norc -i', (path: string) => `for file in ${path}/*.bash; do source $file; done`],
  ['zsh -f -i', (path: string) => `fpath=(${path} $fpath); autoload -U compinit; compinit -u -D`],
] as const) {
  const [name = ''] = shell.split(' ');
  test(`${name} completes crashlogctl and debugger`, async () => {
    for (const [line, args] of REAL)
      assert.equal(await typedInto(shell, setup(completions), line), args, line);
  });

  test(`${name} completes values of every kind, and the numbers of reports`, async (t) => {
    const directory = directoryWith(t);
    const before = `export USERCRASH_LOG_DIR=${directory}; ${setup(directory)}`;
    for (const [line, args] of typedIntoEvery(directory))
      assert.equal(await typedInto(shell, before, line), args, line);
  });
}

/** What fish offers for a line. */
function offered(path: string, line: string, env: NodeJS.ProcessEnv = {}): string[] {
  const script = `source ${path}; complete -C ${JSON.stringify(line)}`;
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const out = execFileSync('fish', ['--no-config', '-c', script], options);
  return out
    .split('\n')
    .map((text) => text.split('\t')[0] ?? '')
    .filter((text) => text !== '');
}

test('fish completes crashlogctl and debugger', () => {
  const control = join(completions, 'crashlogctl.fish');
  const debugger_ = join(completions, 'debugger.fish');
  assert.ok(offered(control, 'crashlogctl ').includes('config'));
  assert.deepEqual(offered(control, 'crashlogctl config --js'), ['--json']);
  assert.deepEqual(offered(debugger_, 'debugger --sections backt'), ['backtrace']);
  assert.deepEqual(offered(debugger_, 'debugger --core /etc/os-rel'), ['/etc/os-release']);
});

test('fish completes values of every kind, and the numbers of reports', (t) => {
  const directory = directoryWith(t);
  const at = (line: string) => offered(join(directory, 'every.fish'), line, { USERCRASH_LOG_DIR: directory });
  assert.deepEqual(at('every show '), ['07', '12', 'latest']);
  assert.deepEqual(at('every sort --by '), ['size', 'time']);
  assert.deepEqual(at('every show -s SIGSE'), ['SIGSEGV']);
  assert.deepEqual(at('every show --user daem'), ['daemon']);
  assert.deepEqual(at(`every delete --into ${directory}/dir`), [`${directory}/directory/`]);
  assert.deepEqual(at('every --q'), ['--quiet']);
});
