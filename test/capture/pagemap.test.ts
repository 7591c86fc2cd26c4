import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openPagemap } from '../../capture/pagemap.ts';

const PAGE_BYTES = 4096;

test('openPagemap() tells what was written to in 40 MiB of .bss, also behind its first 16 MiB', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-pagemap-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const source = join(directory, 'arena.c');
  writeFileSync(
    source,
    `#include <stdio.h>
     #include <unistd.h>
     static char arena[40 << 20] __attribute__((aligned(4096)));
     int main(void) {
       arena[5 * 4096] = 1;
       arena[30 << 20] = 1;
       printf("%zu\\n", (size_t)arena);
       fflush(stdout);
       pause();
     }`,
  );
  execFileSync('gcc', ['-o', join(directory, 'arena'), source]);
  const child = spawn(join(directory, 'arena'), { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const [printed] = await once(child.stdout, 'data');
  const first = Number(printed) / PAGE_BYTES;
  const pagemap = openPagemap(child.pid ?? 0);
  t.after(() => pagemap.close());
  const pages = pagemap.modified(first, first + (40 << 20) / PAGE_BYTES).map((page) => page - first);
  assert.deepEqual(pages, [5, (30 << 20) / PAGE_BYTES]);
});
