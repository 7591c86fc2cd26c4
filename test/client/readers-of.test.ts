import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessNamespaces } from '../../capture/process-namespaces.ts';
import { emptyHead } from '../../capture/read-core-head.ts';
import { readersOf } from '../../client/readers-of.ts';
import type { KernelArguments } from '../../protocol/kernel-arguments.ts';
import { capturedWith } from '../fuzz/assert-record.ts';

const UID = 61_234;
const STATUS = Buffer.from(
  `Name:\tapp\nUid:\t${Array(4).fill(UID).join('\t')}\nGid:\t${Array(4).fill(UID).join('\t')}\nCapPrm:\t0000000000000000\n`,
);
const KERNEL: KernelArguments = {
  ...{ runDir: '/run', pid: 1, tid: 1, namespacePid: 1, namespaceTid: 1, uid: UID, gid: UID },
  ...{ dumpable: 1, signal: 11, time: 1, pidfd: null, defaultHandler: null },
};

function readers(namespaces: ProcessNamespaces | null) {
  const head = { ...emptyHead(62), auxv: new Map([[23n, 0n]]) };
  const captured = capturedWith({ status: STATUS, threadStatus: STATUS, namespaces }, { head });
  return readersOf({ captured, kernel: KERNEL }, true);
}

test('readersOf() lets the user of a process read its report, also of one with mounts of its own', () => {
  assert.equal(readers({ hasOwnMounts: false, users: null }), 'owner');
  assert.equal(readers({ hasOwnMounts: true, users: null }), 'owner');
});

test('readersOf() lets nobody with the same number outside read a report of a user namespace', () => {
  const map = Buffer.from(`         0      ${UID}          1\n`);
  assert.equal(readers({ hasOwnMounts: true, users: { uidMap: map, gidMap: map } }), 'group');
  assert.equal(readers(null), 'group');
});
