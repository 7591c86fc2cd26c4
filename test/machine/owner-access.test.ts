import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { catAs } from '../cat-as.ts';
import { ensureJournald } from '../journald.ts';
import { testDirectories } from '../server/test-server.ts';
import { type Published, run, startCollecting } from './collecting.ts';
import { compile } from './programs.ts';
import { runSecretive, secretiveProgram, USER } from './secretive.ts';

const SOMEBODY_ELSE = 1;
const FILES = ['', '.json', '.core.zst'];

function readableBy(uid: number, { path }: Published): boolean[] {
  return FILES.map((suffix) => catAs(uid, path + suffix) !== null);
}

for (const mode of ['pipe', 'socket']) {
  test(`with --owner-access the user of a process reads its report, and nothing else, ${mode}`, async (t) => {
    await ensureJournald(t);
    const directories = testDirectories(t);
    chmodSync(dirname(directories.logDir), 0o755);
    const collecting = await startCollecting(t, ['--owner-access', '--mode', mode], directories);
    const crash = async (mode: number, how: string, more?: readonly string[]) =>
      collecting.published((await runSecretive(secretiveProgram(t, mode), how, more)).pid);

    spawnSync('logger', ['-p', 'user.err', 'a warning of the machine']);
    const own = await crash(0o755, 'keep');
    assert.equal(own.record.readers, 'owner');
    assert.deepEqual(readableBy(USER, own), [true, true, true]);
    assert.deepEqual(readableBy(SOMEBODY_ELSE, own), [false, false, false]);
    const { record, text } = own;
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'fail_with');
    assert.deepEqual(
      record.journal?.entries.filter(({ why }) => why === 'machine' || why === 'kernel'),
      [],
    );
    assert.doesNotMatch(text, /a warning of the machine/);
    assert.equal(record.kernelStack, null);
    assert.ok(record.source?.file.endsWith('secretive.c'));
    assert.match(text, /^Left out .*uid 65534 may read this report$/ms);

    const others: [what: string, Published][] = [
      ['a setuid program', await crash(0o4755, 'keep')],
      ['one that has given its rights back', await crash(0o4755, 'drop')],
      [
        'one with capabilities',
        await crash(0o755, 'keep', ['--inh-caps', '+net_raw', '--ambient-caps', '+net_raw']),
      ],
      [
        "root's own",
        await collecting.published((await run(compile('nested', join(directories.stateDir, 'nested')))).pid),
      ],
    ];
    for (const [what, published] of others) {
      assert.deepEqual(readableBy(USER, published), [false, false, false], what);
      assert.doesNotMatch(published.text, /may read this report/, what);
    }
  });
}
