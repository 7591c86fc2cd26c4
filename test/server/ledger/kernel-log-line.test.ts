import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseKernelRecord } from '../../../server/ledger/kernel-log-line.ts';
import { isRefusal } from '../../../server/ledger/kernel-words.ts';

const CORPUS = join(import.meta.dirname, '../../fuzz/corpus/kernel-log');

/** A line that this kernel has written. */
function recorded(name: string) {
  return parseKernelRecord(readFileSync(join(CORPUS, `${name}.txt`), 'utf8'));
}

test("parseKernelRecord() reads the kernel's words on what it skips, and each is final", () => {
  for (const [name, reason] of [
    ['limit', 'over core_pipe_limit, skipping core dump'],
    ['rlimit', 'RLIMIT_CORE is set to 1, aborting core'],
    ['queue', 'Coredump socket /run/usercrash/coredump.sock receive queue full'],
    ['connection', 'Coredump socket connection /run/usercrash/coredump.sock failed -2'],
    ['pipe-failed', '|/nonexistent/x pipe failed'],
  ] as const) {
    const record = recorded(name);
    assert.ok(record?.kind === 'line', name);
    assert.equal(record.line.reason, reason);
    assert.match(record.line.comm ?? '', /^(sh|die)$/);
    assert.ok(record.line.pid > 0 && isRefusal(record.line));
  }
  assert.deepEqual(recorded('suppressed'), { kind: 'suppressed', count: 18 });
  assert.equal(recorded('segfault'), null);
});

test("parseKernelRecord() takes the client's word, and nobody else's", () => {
  const client = recorded('client');
  assert.ok(client?.kind === 'line' && client.line.isClients && /^ENOSPC/.test(client.line.reason));
  const line = '7,5,-;coredump: 4242(app): over core_pipe_limit, skipping core dump\n';
  assert.equal(parseKernelRecord(`4,${line}`)?.kind, 'line');
  // What a program writes into /dev/kmsg as the kernel's is recorded as a user's: facility 1.
  assert.equal(parseKernelRecord(`12,${line}`), null);
  assert.equal(parseKernelRecord(`30,${line}`), null);
});

test('parseKernelRecord() is not confused by what a program calls itself', () => {
  const record = parseKernelRecord('4,7,5,-;coredump: 42(a) b(: 9): over core_pipe_limit, skipping\n A=b\n');
  assert.ok(record?.kind === 'line');
  assert.deepEqual([record.line.pid, record.line.comm], [42, 'a) b(: 9']);
  assert.equal(record.line.reason, 'over core_pipe_limit, skipping');
});
