import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { gdb } from './crash-held.ts';

const SOURCE = `
#include <stdio.h>
#include <unistd.h>
static int arena[10 << 20];
static int *pointer = &arena[8 << 20];
int main(void) {
  arena[5000] = 42;
  printf("%d\\n", *pointer);
  fflush(stdout);
  pause();
}`;
/** A program of its own: what holds a process ends with it. */
const CAPTURE = `
import { writeFileSync } from 'node:fs';
import { captureLive } from '${join(import.meta.dirname, '../../capture/live/capture-live.ts')}';
const [pid, core] = process.argv.slice(1);
const { captured } = captureLive({ pid: Number(pid), tid: Number(pid), budgetBytes: 1 << 20 });
writeFileSync(core, captured.core.bytes);`;

test('zeroRanges() shows zeros where nobody has touched an array of 40 MiB, and takes no room for them', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-zeros-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [program, core] = [join(directory, 'zeros'), join(directory, 'core')];
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync('gcc', ['-g', '-o', program, `${program}.c`]);
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  execFileSync(process.execPath, ['--input-type=module', '-e', CAPTURE, String(child.pid), core]);
  const shown = async (expression: string) =>
    (await gdb(program, core, `output ${expression}`)).split('\n').at(-1);
  assert.equal(await shown('arena[3000]@6000'), '{0 <repeats 2000 times>, 42, 0 <repeats 3999 times>}');
  assert.equal(await shown('arena[9000000]@9000'), '{0 <repeats 9000 times>}');
  assert.equal(await shown('*pointer@9000'), '{0 <repeats 9000 times>}');
  assert.ok(statSync(core).size < 256 * 1024, `${statSync(core).size} bytes`);
});
