import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRunSettings, writeRunSettings } from '../../config/run-settings.ts';
import { linesOf, pendingNames, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

for (const mode of ['pipe', 'socket']) {
  test(`an excluded program is a line in the history and nothing else, with and without a server, ${mode}`, async (t) => {
    const args = ['--exclude', '*/left-out/*', '--mode', mode];
    const collecting = await startCollecting(t, args);
    const { stateDir, logDir } = collecting.directories;
    const wanted = compile('nested', join(stateDir, 'nested'));
    const excluded = compile('nested', join(stateDir, 'left-out', 'nested'));
    const { pid } = await run(excluded);
    await until('its line', () => linesOf(collecting, pid).length > 0);
    const [line, ...more] = linesOf(collecting, pid);
    assert.deepEqual(more, []);
    assert.equal(line?.['collected'], 'not collected');
    assert.equal(line?.['reason'], 'excluded by */left-out/*');
    assert.equal(line?.['program'], excluded);
    assert.equal(line?.['signal'], 'SIGSEGV');
    assert.deepEqual(pendingNames(collecting), []);
    assert.deepEqual(readdirSync(logDir).sort(), ['.pending', 'history']);
    await collecting.published((await run(wanted)).pid);

    await collecting.server.stop('SIGKILL');
    await until('core_pattern names a program', () =>
      readFileSync('/proc/sys/kernel/core_pattern', 'latin1').startsWith('|'),
    );
    const alone = await run(excluded);
    // Other tests' programs may crash at the same time.
    const kept = () => pendingNames(collecting).filter((name) => name.includes(`-${alone.pid}-`));
    await until('its event', () => kept().some((name) => name.endsWith('.event')));
    assert.equal(kept().length, 1);
    await collecting.restart(args);
    await until('its line', () => linesOf(collecting, alone.pid).length > 0);
    assert.equal(linesOf(collecting, alone.pid)[0]?.['reason'], 'excluded by */left-out/*');
    await until('nothing waits', () => kept().length === 0);
  });
}

test('an excluded program whose client knew of no settings is left out by the server that finds its crash', async (t) => {
  const args = ['--exclude', '*/left-out/*'];
  const collecting = await startCollecting(t, args);
  const { stateDir, runDir } = collecting.directories;
  const program = compile('nested', join(stateDir, 'left-out', 'nested'));
  await collecting.server.stop('SIGKILL');
  // As for a client of early boot, or after the run directory was removed; but for where the log directory is.
  writeRunSettings(runDir, { ...readRunSettings(runDir), excluded: [] });
  const { pid } = await run(program);
  const kept = () => pendingNames(collecting).filter((name) => name.includes(`-${pid}-`));
  await until('all of it is kept', () => kept().some((name) => name.endsWith('.captured')));
  await collecting.restart(args);
  await until('its line', () => linesOf(collecting, pid).length > 0);
  await until('nothing waits', () => kept().length === 0);
  assert.deepEqual(
    linesOf(collecting, pid).map(({ collected, reason }) => [collected, reason]),
    [['not collected', 'excluded by */left-out/*']],
  );
});

test('a pattern that can match nothing is refused', async (t) => {
  await assert.rejects(startCollecting(t, ['--exclude', 'app']), /It begins with/);
});
