import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { historyLines } from '../server/client-side.ts';
import { type Collecting, type Published, run, startCollecting } from './collecting.ts';
import { compile } from './programs.ts';

const SECRET = 'kept-out-of-dumps';

/** Makes the secret as it runs, so that it stands in no file, and crashes with it at hand. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static char data[64];
static void make(char *at) {
  const char *shifted = "lfqu.pvu.pg.evnqt";
  for (int index = 0; shifted[index]; index++) at[index] = shifted[index] == '.' ? '-' : shifted[index] - 1;
}
static int fail_with(const char *secret, char **table) { return secret[*(volatile int *)0] + table[0][0]; }
int main(int argc, char **argv) {
  (void)argc;
  char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  make(page);
  char *table[2] = {page, page + 1};
  if (strcmp(argv[1], "page") == 0) madvise(page, 4096, MADV_DONTDUMP);
  else {
    char local[64] = "";
    int filter = open("/proc/self/coredump_filter", O_WRONLY);
    make(local), make(data);
    if (write(filter, argv[1], strlen(argv[1])) < 0) return 2;
    table[1] = local;
    return fail_with(local, table);
  }
  return fail_with(page, table);
}
`;

function program({ directories }: Collecting): string {
  mkdirSync(directories.stateDir, { recursive: true });
  const path = join(directories.stateDir, 'secretive');
  writeFileSync(`${path}.c`, SOURCE);
  execFileSync('gcc', ['-g', '-O0', '-o', path, `${path}.c`]);
  return path;
}

/** Everything that is kept of a crash. */
function kept({ path, text, record }: Published): string {
  const core = record.collection.core === null ? '' : zstdDecompressSync(readFileSync(`${path}.core.zst`));
  return [text, readFileSync(`${path}.json`, 'latin1'), core.toString('latin1')].join('\n');
}

for (const mode of ['pipe', 'socket']) {
  test(`what a process keeps out of its dumps stands nowhere, and RLIMIT_CORE keeps nothing out, ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const secretive = program(collecting);
    const crash = async (how: string) => collecting.published((await run(secretive, [how])).pid);

    await t.test('a page of MADV_DONTDUMP', async () => {
      const published = await crash('page');
      const frame = published.record.threads?.[0]?.frames?.[0];
      assert.equal(frame?.function, 'fail_with');
      assert.match(frame?.arguments?.[0]?.value ?? '', /Cannot access memory/);
      assert.ok(!kept(published).includes(SECRET));
    });
    await t.test('everything, by coredump_filter 0', async () => {
      const published = await crash('0');
      assert.equal(published.record.signal?.name, 'SIGSEGV');
      assert.ok((published.record.registers?.length ?? 0) > 16);
      assert.ok(!kept(published).includes(SECRET));
    });
    await t.test('with the usual coredump_filter it is there', async () => {
      assert.ok(kept(await crash('0x33')).includes(SECRET));
    });
    await t.test('RLIMIT_CORE 0 is what most processes have: they get a report with its core', async () => {
      const nested = compile('nested', join(collecting.directories.stateDir, 'nested'));
      const { pid } = await run('prlimit', ['--core=0:0', nested]);
      const { record } = await collecting.published(pid);
      assert.equal(record.process.limits?.find(({ name }) => name === 'Max core file size')?.hard, '0');
      assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
      assert.ok(record.collection.core !== null);
    });
    await t.test(
      'RLIMIT_CORE 1 is what the kernel gives its handlers: it dumps none of them by pipe, by socket they are counted',
      async () => {
        const nested = compile('nested', join(collecting.directories.stateDir, 'nested'));
        const { pid } = await run('prlimit', ['--core=1:1', nested]);
        const next = await run(nested);
        await collecting.published(next.pid);
        const lines = historyLines(collecting.directories).filter((line) => line['pid'] === pid);
        const counted = [{ collected: 'not collected', reason: 'excluded by RLIMIT_CORE, which is 1' }];
        if (mode === 'socket')
          assert.deepEqual(
            lines.map(({ collected, reason }) => ({ collected, reason })),
            counted,
          );
        assert.ok(!collecting.server.log.some((line) => line.includes(`-${pid}-`)));
      },
    );
  });
}
