import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RESIDENT_SOCKET } from '../../client/resident.ts';
import { DEFAULT_RUN_SETTINGS, writeRunSettings } from '../../config/run-settings.ts';
import { bind } from '../../linux/bind.ts';
import { readCoreSysctls } from '../../linux/core-pattern.ts';
import { listen } from '../../linux/listen.ts';
import { socket } from '../../linux/socket.ts';
import { corePatternFor, socketPatternFor } from '../../protocol/core-pattern.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { testDirectories } from '../server/test-server.ts';

const CLIENT = join(import.meta.dirname, '../../dist/usercrash-client');

interface Directed {
  runDir: string;
  byPipe: string;
  bySocket: string;
  /** What core_pattern is after `usercrash-client RUNDIR --direct`. */
  direct(): string;
  /** A resident client begins to answer; ends that. */
  answer(): () => void;
}

async function directed(t: TestContext, corePattern?: string): Promise<Directed> {
  const { runDir } = testDirectories(t);
  mkdirSync(runDir, { mode: 0o700 });
  const [byPipe, bySocket] = [corePatternFor(CLIENT, runDir), socketPatternFor(runDir)];
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, pipePattern: byPipe, socketPattern: bySocket });
  await takeCorePattern(t, corePattern ?? byPipe);
  return {
    ...{ runDir, byPipe, bySocket },
    direct() {
      assert.equal(spawnSync(CLIENT, [runDir, '--direct']).status, 0);
      return readCoreSysctls().corePattern;
    },
    answer() {
      const fd = socket('seqpacket', { nonBlocking: true });
      bind(fd, join(runDir, RESIDENT_SOCKET));
      listen(fd, 1);
      return () => closeSync(fd);
    },
  };
}

test('--direct: the socket while a resident client answers, the pipe before and after', async (t) => {
  const { direct, answer, byPipe, bySocket } = await directed(t);
  assert.equal(direct(), byPipe);
  const end = answer();
  assert.equal(direct(), bySocket);
  end(); // As by SIGKILL: the file of its socket stays.
  assert.equal(direct(), byPipe);
});

test("--direct leaves a core_pattern that is somebody else's", async (t) => {
  const { direct, answer } = await directed(t, '|/bin/true %p');
  t.after(answer());
  assert.equal(direct(), '|/bin/true %p');
});

test('--direct: a server whose mode is pipe leaves the pipe', async (t) => {
  const { direct, answer, byPipe, runDir } = await directed(t);
  writeRunSettings(runDir, { ...DEFAULT_RUN_SETTINGS, pipePattern: byPipe });
  t.after(answer());
  assert.equal(direct(), byPipe);
});
