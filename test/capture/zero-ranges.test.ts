import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { CoreRange } from '../../capture/elf/write-core.ts';
import { MemoryPlan } from '../../capture/memory-plan.ts';
import { PAGE_BYTES } from '../../capture/page-cache.ts';
import { openPagemap } from '../../capture/pagemap.ts';
import { zeroRanges } from '../../capture/zero-ranges.ts';
import { gdb } from './crash-held.ts';
import { ownMemory } from './own-memory.ts';

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

test('zeroRanges() names no page twice, nor one that is planned, whatever the headers of modules say', (t) => {
  const { memory, modules } = ownMemory(t);
  const pagemap = openPagemap(process.pid);
  t.after(() => pagemap.close());
  const rangesWith = (page: number | null) => {
    const plan = new MemoryPlan(memory.dumped, 1 << 20);
    if (page !== null) plan.add('a pointer', page * PAGE_BYTES, page * PAGE_BYTES + 8);
    return zeroRanges({ plan, modules: [...modules, ...modules], segments: memory.dumped, pagemap });
  };
  const pagesIn = (ranges: readonly CoreRange[]) =>
    ranges.flatMap(({ start, bytes }) =>
      Array.from({ length: bytes / PAGE_BYTES }, (_, index) => start / PAGE_BYTES + index),
    );
  const pages = pagesIn(rangesWith(null));
  assert.ok(pages.length > 0);
  assert.equal(new Set(pages).size, pages.length);
  const [planned = 0] = pages;
  assert.ok(!pagesIn(rangesWith(planned)).includes(planned));
});
