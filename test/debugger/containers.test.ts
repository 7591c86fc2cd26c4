import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeContainer } from '../machine/container.ts';
import { start } from './live-program.ts';
import { runDebugger } from './run-debugger.ts';

for (const users of ['-', '0 100000 65536\n']) {
  test(`a live process in a container has the lines of the container's files, users ${users.trim()}`, async (t) => {
    const { program, args } = makeContainer(t).command('wait', { users });
    const { lines } = await start(t, program, args);
    const { record } = await runDebugger(t, [lines.find((line) => /^\d+$/.test(line)) ?? '', '--json']);
    const { source, process: identity, threads } = record();
    const [inner, library] = threads?.[0]?.frames ?? [];
    assert.deepEqual([inner?.function, library?.function], ['stay', 'measure_with']);
    // The library is stripped, and this machine has no debug file of it.
    assert.match(library?.file ?? '', /library\.c$/);
    assert.match(source?.lines.find(({ current }) => current)?.text ?? '', /volatile int turn/);
    assert.deepEqual([identity.namespacePid, identity.ownMounts], [1, true]);
    assert.equal(identity.ownSystem, 'Small \x1b[1m Linux');
    assert.deepEqual(
      [identity.uid, identity.namespaceUid],
      users === '-' ? [process.geteuid?.(), null] : [100_000, 0],
    );
  });
}
