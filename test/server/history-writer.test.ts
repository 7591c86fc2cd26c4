import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HistoryWriter } from '../../server/history-writer.ts';
import { serverLog } from '../../server/log.ts';
import { LogDirectory } from '../../server/log-directory.ts';
import { smallFileSystem } from './small-file-system.ts';
import { testDirectories } from './test-server.ts';

function historyIn(t: TestContext, logDir: string): HistoryWriter {
  const log = serverLog({ level: 'error', isJournal: false });
  log.silent = true;
  const directory = new LogDirectory(logDir, { log, opened: async () => undefined });
  t.after(() => directory.close());
  return new HistoryWriter(logDir, { ownership: { group: null, mode: 0o600 }, directory });
}

const newLine = (line: string) => ({ line, isSynced: false });

test('HistoryWriter writes many lines at once, and says how many', async (t) => {
  const { logDir } = testDirectories(t);
  mkdirSync(logDir, { recursive: true });
  const history = historyIn(t, logDir);
  const lines = Array.from({ length: 100 }, (_, number) => `line ${number}`);
  assert.equal(await history.append([]), 0);
  assert.equal(existsSync(join(logDir, 'history')), false);
  const written = await history.append(lines.map(newLine));
  assert.ok(written > 1, `${written} lines`);
  assert.equal(readFileSync(join(logDir, 'history'), 'utf8'), `${lines.slice(0, written).join('\n')}\n`);
});

test('HistoryWriter says which lines were written whole where there was not room for all', async (t) => {
  const disk = smallFileSystem(t, 'size=256k,nr_inodes=100');
  const { logDir } = disk.directories;
  const path = join(logDir, 'history');
  // What is left of a page: the next one cannot be had.
  writeFileSync(path, `${'x'.repeat(3995)}\n`);
  disk.fill();
  const history = historyIn(t, logDir);
  const lines = ['é'.repeat(20), 'b'.repeat(40), 'c'.repeat(40), 'd'.repeat(40)];
  const news = lines.map(newLine);
  assert.equal(await history.append(news), 2);
  await assert.rejects(history.append(news.slice(2)), /ENOSPC/);
  disk.free();
  assert.equal(await history.append(news.slice(2)), 2);
  const read = readFileSync(path, 'utf8').split('\n').slice(1, -1);
  assert.deepEqual(read, [...lines.slice(0, 2), 'c'.repeat(18), ...lines.slice(2)]);
});

test('HistoryWriter writes to no pipe and to no file of another user, who had the directory for a time', async (t) => {
  const { logDir } = testDirectories(t);
  const path = join(logDir, 'history');
  const history = historyIn(t, logDir);
  execFileSync('mkfifo', [path]);
  await assert.rejects(history.append([newLine('line')]), /history is not a file of ours \(uid 0\)/);
  rmSync(path);
  writeFileSync(path, '');
  chownSync(path, 1000, 1000);
  await assert.rejects(history.append([newLine('line')]), /history is not a file of ours \(uid 1000\)/);
  assert.equal(readFileSync(path, 'utf8'), '');
});
