import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { bytesSource } from '../../capture/core-source.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { CrashPlace, gdb } from './crash-held.ts';
import { PROGRAMS } from './programs.ts';

const SHOULD_BE_EQUAL = Object.keys(PROGRAMS).filter((name) => name !== 'overflow');

test('captureCrash() takes a core in which gdb sees the same as in the full one', async (t) => {
  const place = await CrashPlace.take(t);
  for (const name of SHOULD_BE_EQUAL) {
    await t.test(name, async () => {
      const { source, flags, file = 'p.c' } = PROGRAMS[name] ?? { source: '' };
      const program = place.compile(name + file.slice(1), source, flags);
      const crash = await place.crash(program);
      assert.equal(gdb(program, crash.small), gdb(program, crash.full));
      assert.deepEqual(crash.facts.warnings, []);
      // What gdb needs has its size in the number of threads and modules, not in the process's.
      const limit = 256 * 1024 + crash.facts.tids.length * 12 * 1024;
      assert.ok(crash.smallBytes < limit, `${crash.smallBytes} bytes`);
      const head = readCoreHead(bytesSource(readFileSync(crash.small)));
      assert.deepEqual(
        head.threads.map(({ tid }) => tid),
        crash.facts.tids,
      );
      assert.deepEqual(head.warnings, []);
    });
  }
});
