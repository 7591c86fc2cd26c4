import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { historyLines } from '../server/client-side.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';

/** The time of day, so many seconds off as a file says at that moment. The machine's own clock is everybody's. */
const CLOCK = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile const long *offset;
__attribute__((constructor)) static void start(void) {
  offset = mmap(0, 8, PROT_READ, MAP_SHARED, open(OFFSET, O_RDONLY | O_CLOEXEC), 0);
}
int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *offset;
  return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}
`;

function settableClock(t: TestContext) {
  const directory = mkdtempSync('/var/tmp/uc-clock-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [source, library, offset] = ['clock.c', 'clock.so', 'offset'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  let seconds = 0;
  const set = (value: number) => {
    seconds = value;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeFileSync(offset, bytes, { flag: 'r+' });
  };
  writeFileSync(offset, Buffer.alloc(8));
  writeFileSync(source, CLOCK);
  execFileSync('gcc', ['-w', '-shared', '-fPIC', `-DOFFSET="${offset}"`, '-o', library, source, '-ldl']);
  return { under: ['env', `LD_PRELOAD=${library}`], set, now: () => Math.floor(Date.now() / 1000) + seconds };
}

test('a clock that is set back or forth costs no report, and no crash counts as old or as a repeat for it', async (t) => {
  const clock = settableClock(t);
  const crash = await liveCore(t);
  const directories = testDirectories(t);
  const args = ['--repeat-pause', '10', '--repeats-per-hour', '5', '--max-age', '10'];
  const server = await startTestServer(t, directories, { args, under: clock.under });
  const times: number[] = [];
  for (const offsetS of [0, -86_400, -1800, 3600, -365 * 86_400, 86_400]) {
    clock.set(offsetS);
    const time = clock.now();
    const { published } = await feedClient(server, {
      ...crash,
      stream: [crash.stream],
      under: clock.under,
      time,
    });
    assert.ok(published !== null, `no report at ${offsetS} s`);
    assert.ok(
      Math.abs(published.record.at.us / 1e6 - time) < 10,
      `${published.record.at.iso} is not the time of the crash`,
    );
    // The server has that clock as well.
    const [logged = ''] = (server.log.findLast((line) => line.includes('report-published')) ?? '').split(' ');
    assert.ok(Math.abs(Date.parse(logged) / 1000 - time) < 60, `${logged} is not the time of the server`);
    times.push(time);
  }
  const lines = historyLines(server);
  assert.deepEqual(
    lines.map(({ collected, slot }) => [collected, slot]),
    times.map((_, slot) => ['full', slot]),
  );
  assert.deepEqual(readdirSync(join(server.logDir, '.pending')), []);
});
