import assert from 'node:assert/strict';
import { expandCorePattern } from '../../../protocol/expand-core-pattern.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** A core_pattern, and a NUL before each of what a process may call itself: its comm, its host, its executable. */
export const corePattern: FuzzTarget = {
  name: 'core-pattern',
  check(input) {
    const [pattern = Buffer.alloc(0), ...names] = partsOf(input);
    const [comm = Buffer.alloc(0), hostName = Buffer.alloc(0), executable = null] = names;
    const facts = {
      numbers: { p: '1', F: '3' },
      comm,
      hostName,
      executable,
      usesPid: input.length % 2 === 0,
    };
    const words = expandCorePattern(pattern, facts);
    assert.ok(pattern[0] === 0x7c || words.length === 1);
    // What the process chooses leads to no other directory.
    const slashes = (bytes: Buffer) => bytes.filter((byte) => byte === 0x2f).length;
    assert.ok(slashes(Buffer.concat(words)) <= slashes(pattern));
    for (const name of [comm, hostName]) {
      const [alone] = expandCorePattern(Buffer.from('%e'), { ...facts, comm: name, usesPid: false });
      assert.ok(alone && alone.length > 0 && !['.', '..'].includes(alone.toString('latin1')));
    }
  },
};

function partsOf(input: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = input.indexOf(0); at !== -1; at = input.indexOf(0, from)) {
    parts.push(input.subarray(from, at));
    from = at + 1;
  }
  return [...parts, input.subarray(from)];
}
