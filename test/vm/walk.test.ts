import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { image } from './image.ts';
import { packages } from './packages.ts';
import { isShown, readmeWalk } from './readme-walk.ts';
import { runMachine } from './virtual-machine.ts';

const CACHE = process.env['USERCRASH_VM_CACHE'] ?? '/var/cache/usercrash-vm';
const SAMPLE = 'scripts/sample/orders.c';
const LIMIT_MS = 20 * 60 * 1000;

test('every command of the walk in README shows on a fresh machine what README says', async (t) => {
  const work = mkdtempSync('/var/tmp/uc-walk-');
  t.after(() => rmSync(work, { recursive: true, force: true }));
  const share = join(work, 'share');
  const home = join(share, 'usercrash');
  cpSync(join(import.meta.dirname, 'walk'), share, { recursive: true });
  for (const directory of [join(share, 'out'), join(home, 'out'), join(home, 'scripts/sample')])
    mkdirSync(directory, { recursive: true });
  const { deb } = packages(work);
  copyFileSync(deb, join(home, 'out', basename(deb)));
  copyFileSync(join(import.meta.dirname, '../..', SAMPLE), join(home, SAMPLE));
  const where = `-ffile-prefix-map=${home}=/home/newcomer/usercrash`;
  execFileSync('gcc', ['-g', '-pthread', where, '-o', 'orders', SAMPLE], { cwd: home });
  const steps = readmeWalk();
  writeFileSync(join(share, 'commands'), steps.map(({ command }) => `${command}\n`).join(''));
  const debian = image(CACHE);
  const newest = debian.kernels.at(-1);
  assert.ok(newest);
  const { console } = await runMachine(debian, newest, { share, limitMs: LIMIT_MS });
  const out = (name: string | number) => readFileSync(join(share, 'out', String(name)), 'utf8');
  assert.ok(
    existsSync(join(share, 'out/code.1')) && out('code.1') === '0\n',
    `${console}\n${out('log.1').slice(-4000)}`,
  );
  for (const [index, { command, shows }] of steps.entries()) {
    const shown = out(index + 1)
      .replaceAll('\r', '')
      .replace(/\n$/, '')
      .split('\n');
    assert.ok(isShown(shows, shown), `${command} showed:\n${shown.join('\n')}`);
  }
});
