import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fdSource } from '../../../capture/core-source.ts';
import { dumpedSegments } from '../../../capture/live/dumped-segments.ts';
import { readMappings } from '../../../capture/live/mappings.ts';
import { SmapsParser } from '../../../capture/proc/parse-smaps.ts';
import { readCoreHead } from '../../../capture/read-core-head.ts';
import { takeCorePattern } from '../../core-pattern.ts';

/** Mappings of every kind that the kernel's rules tell apart, then it waits to be killed. */
const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
enum { SIZE = 3 * 4096 };
static char *map(int protection, int flags, int fd) {
  char *memory = mmap(0, SIZE, protection, flags, fd, 0);
  if (memory == MAP_FAILED) { perror("mmap"); exit(1); }
  return memory;
}
static char *written(char *memory) { memset(memory, 'x', SIZE); return memory; }
int main(int count, char **words) {
  int text = open(words[1], O_RDWR), self = open("/proc/self/exe", O_RDONLY);
  int memory = memfd_create("shared", 0);
  ftruncate(memory, SIZE);
  const int RW = PROT_READ | PROT_WRITE, NONE = PROT_NONE, ANONYMOUS = MAP_ANONYMOUS | MAP_PRIVATE;
  written(map(RW, ANONYMOUS, -1));
  madvise(written(map(RW, ANONYMOUS, -1)), SIZE, MADV_DONTDUMP);
  mprotect(written(map(RW, ANONYMOUS, -1)), SIZE, NONE);
  map(NONE, ANONYMOUS, -1);
  written(map(RW, MAP_ANONYMOUS | MAP_SHARED, -1));
  written(map(RW, MAP_SHARED, memory));
  map(PROT_READ, MAP_SHARED, text);
  map(PROT_READ, MAP_PRIVATE, text);
  map(PROT_READ, MAP_PRIVATE, self);
  written(map(RW, MAP_PRIVATE, text));
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}`;

/** Bytes of each mapping in our plan, and in the core that the kernel then writes. */
async function compare(t: TestContext, filter: string) {
  const directory = mkdtempSync(join(tmpdir(), 'uc-segments-'));
  t.after(() => rmSync(directory, { recursive: true }));
  await takeCorePattern(t, `${directory}/core`);
  const program = join(directory, 'mappings');
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync('gcc', ['-w', '-o', program, `${program}.c`]);
  const text = join(directory, 'text');
  writeFileSync(text, 'no ELF file'.repeat(2000));
  const child = spawn('prlimit', ['--core=unlimited', program, text], { cwd: directory });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  writeFileSync(`/proc/${pid}/coredump_filter`, filter);
  const ours = readMappings(pid);
  const entries = new SmapsParser().push(readFileSync(`/proc/${pid}/smaps`));
  const maps = new Map(
    entries.map(({ line, hasOwnPages }) => {
      const text = line.toString();
      return [BigInt(`0x${text.split('-')[0]}`), { line: text, hasOwnPages }];
    }),
  );
  child.kill('SIGABRT');
  await once(child, 'exit');
  const head = readCoreHead(fdSource(openSync(join(directory, 'core'), 'r')));
  assert.deepEqual(
    ours.files.map(({ start, end, offset, path }) => [start, end, offset, path.toString()]),
    head.files.map(({ start, end, offset, path }) => [start, end, offset, path.toString()]),
  );
  const kernels = new Map(Array.from(head.segments, (segment) => [segment.start, segment]));
  const differences: string[] = [];
  for (const { start, end, fileBytes, flags } of ours.segments) {
    const { line = '', hasOwnPages = false } = maps.get(start) ?? {};
    const kernel = kernels.get(start);
    // The kernel's own pages of data for the vdso cannot be read: it writes zeros for them.
    if (/\[vvar/.test(line)) continue;
    assert.deepEqual([kernel?.end, kernel?.flags], [end, flags], line);
    // Anonymous memory that nobody has touched yet counts, because a moment later it may be a stack.
    if (/ rw-p 0+ 00:00 0 /.test(`${line} `) && !hasOwnPages && fileBytes === end - start) continue;
    if (kernel?.fileBytes !== fileBytes)
      differences.push(`${line}: ${fileBytes}, kernel ${kernel?.fileBytes}`);
  }
  return { differences, segments: ours.segments };
}

for (const filter of ['0x33', '0x7f', '0x0', '0x2e']) {
  test(`readMappings() plans what the kernel's own core holds, with coredump_filter ${filter}`, async (t) => {
    const { differences, segments } = await compare(t, filter);
    assert.ok(segments.length > 20, `${segments.length} segments`);
    assert.deepEqual(differences, []);
  });
}

test('dumpedSegments() leaves out huge pages and devices by their own rules', () => {
  const entry = (address: string, permissions: string, flags: string) => {
    const text = `${address} ${permissions} 00000000 00:10 7 /dev/x\nSize: 8 kB\nAnonymous: 8 kB\nSwap: 0 kB\nVmFlags: ${flags}\n`;
    return new SmapsParser().push(Buffer.from(text));
  };
  const entries = [
    ...entry('10000-20000', 'rw-p', 'rd wr ht'),
    ...entry('20000-30000', 'rw-s', 'rd wr sh ht'),
    ...entry('30000-40000', 'rw-s', 'rd wr sh io'),
    ...entry('ffffffffff600000-ffffffffff601000', '--xp', 'ex'),
  ];
  const bytes = (filter: number) =>
    dumpedSegments(entries, { filter, isElf: () => false }).map(({ fileBytes }) => Number(fileBytes));
  assert.deepEqual(bytes(0x33), [0x10000, 0, 0]);
  assert.deepEqual(bytes(0x7f), [0x10000, 0x10000, 0]);
  assert.deepEqual(bytes(0x1f), [0, 0, 0]);
});
