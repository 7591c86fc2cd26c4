import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UNITS } from '../../install/units.ts';

const PROGRAMS = join(import.meta.dirname, '../../dist');
/** In tenths: the exposure that systemd-analyze may find. */
const MAX_EXPOSURE = 35;

/** The units as `crashlogctl enable` writes them. */
function written(t: TestContext): string[] {
  const directory = mkdtempSync('/tmp/uc-units-');
  t.after(() => rmSync(directory, { recursive: true }));
  return UNITS.map((unit) => {
    const text = readFileSync(join(PROGRAMS, 'systemd', unit), 'utf8');
    const path = join(directory, unit);
    writeFileSync(path, text.replaceAll('@PROGRAMS@', PROGRAMS));
    return path;
  });
}

test('units: systemd finds nothing wrong with them', (t) => {
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...written(t)], {
    encoding: 'utf8',
  });
  const about = (stdout + stderr).split('\n').filter((line) => line.includes('usercrash'));
  assert.deepEqual(about, []);
});

test('units: the exposure of each service is at most 3.5', (t) => {
  for (const path of written(t).filter((name) => name.endsWith('.service'))) {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${MAX_EXPOSURE}`, path];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  }
});
