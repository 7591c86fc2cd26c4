import assert from 'node:assert/strict';
import { dumpedSegments } from '../../../capture/live/dumped-segments.ts';
import { parseSystemCall } from '../../../capture/live/thread-activity.ts';
import { containerInMounts } from '../../../capture/proc/container-in-mounts.ts';
import { parseCgroup } from '../../../capture/proc/parse-cgroup.ts';
import { parseFdinfo } from '../../../capture/proc/parse-fdinfo.ts';
import { idInside } from '../../../capture/proc/parse-id-map.ts';
import { parseLimits } from '../../../capture/proc/parse-limits.ts';
import { parseMaps } from '../../../capture/proc/parse-maps.ts';
import { parseMountinfo } from '../../../capture/proc/parse-mountinfo.ts';
import { SmapsParser } from '../../../capture/proc/parse-smaps.ts';
import { parseStat } from '../../../capture/proc/parse-stat.ts';
import { parseStatus } from '../../../capture/proc/parse-status.ts';
import { statusNumbers } from '../../../capture/proc/status-value.ts';
import { assertRecord, capturedWith, recordOf } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** Garbage that is longer is dropped by pieces, and so depends on them. */
const MAX_SMAPS_BLOCK_BYTES = 64 * 1024;
/** Every bit of coredump_filter: all that it may ask for. */
const WHOLE_FILTER = 0x1ff;
const ID = '0'.repeat(64);

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** The text of /proc/PID: each parser by itself, then the record that a process with such a file gets. */
export const procFiles: readonly FuzzTarget[] = [
  {
    name: 'maps',
    check(input) {
      for (const line of parseMaps(input)) {
        assert.ok(line.start < 2n ** 64n && line.end < 2n ** 64n && line.offset < 2n ** 64n);
        assert.ok(isCount(line.inode) && /^[r-][w-][x-][sp]$/.test(line.permissions));
        // A newline in a name was `\\012` in the line.
        assert.ok(line.path === null || line.path.length <= input.length);
      }
      assertRecord(recordOf(capturedWith({ maps: input })));
    },
  },
  {
    name: 'smaps',
    check(input) {
      const entries = new SmapsParser().push(input);
      for (const { line, flags } of entries) {
        assert.ok(!line.includes(0x0a) && [...flags].every((flag) => /^[a-z0-9?]*$/.test(flag)));
      }
      if (input.length < MAX_SMAPS_BLOCK_BYTES) {
        const parser = new SmapsParser();
        const pieceBytes = Math.max(1, Math.ceil(input.length / 7));
        const pieces = Array.from({ length: 7 }, (_, index) =>
          parser.push(input.subarray(index * pieceBytes, (index + 1) * pieceBytes)),
        );
        assert.deepEqual(pieces.flat(), entries);
      }
      for (const filter of [0, WHOLE_FILTER]) {
        const isElf = (address: bigint) => address % 3n === 0n;
        for (const { start, end, fileBytes } of dumpedSegments(entries, { filter, isElf })) {
          assert.ok(start < end && fileBytes >= 0n && fileBytes <= end - start);
        }
      }
    },
  },
  {
    name: 'syscall',
    check(input) {
      const { systemCall, registers } = parseSystemCall(input.toString('latin1'));
      assert.ok(systemCall === null || isCount(systemCall));
      assert.ok(registers === null || [2, 8].includes(registers.length));
      assert.ok((registers ?? []).every((value) => value >= 0n && value < 2n ** 64n));
    },
  },
  {
    name: 'stat',
    check(input) {
      const stat = parseStat(input);
      if (stat !== null) {
        const { pid, threadCount, startTicks, parentPid, processGroup, session } = stat;
        assert.ok([pid, parentPid, threadCount, startTicks].every(isCount));
        assert.ok([processGroup, session].every(Number.isSafeInteger) && /^[A-Za-z]$/.test(stat.state));
      }
      assertRecord(recordOf(capturedWith({ stat: input })));
    },
  },
  {
    name: 'status',
    check(input) {
      const lines = parseStatus(input);
      assert.ok(lines.length <= 256 && lines.every(({ name }) => /^\w+$/.test(name)));
      for (const name of ['Uid', 'NSpid']) {
        assert.ok((statusNumbers(input, name) ?? []).every((number) => number >= 0));
      }
      assertRecord(recordOf(capturedWith({ status: input })));
    },
  },
  {
    name: 'limits',
    check(input) {
      const limits = parseLimits(input);
      assert.ok(limits.length <= 64 && limits.every(({ soft }) => /^(?:\d+|unlimited)$/.test(soft)));
      assertRecord(recordOf(capturedWith({ limits: input })));
    },
  },
  {
    name: 'cgroup',
    check(input) {
      const { lines, unit, userUnit, unitInside, container } = parseCgroup(input);
      assert.ok(lines.length <= 64);
      for (const name of [unit, userUnit, unitInside, container?.id ?? null, container?.pod ?? null]) {
        assert.ok(name === null || (name.length > 0 && !name.includes(0x2f)));
      }
      assertRecord(recordOf(capturedWith({ cgroup: input })));
    },
  },
  {
    name: 'mountinfo',
    check(input) {
      for (const [id, { type, device }] of parseMountinfo(input)) {
        assert.ok(isCount(id) && /^\S+$/.test(type) && /^\d+:\d+$/.test(device));
      }
      assert.match(containerInMounts(input)?.id.toString() ?? ID, /^[0-9a-f]{64}$/);
      assertRecord(
        recordOf(capturedWith({ mountinfo: input, namespaces: { hasOwnMounts: true, users: null } })),
      );
    },
  },
  {
    name: 'id-map',
    check(input) {
      for (const id of [0, 1000, 65_534, 2 ** 32 - 1]) assert.ok(isCount(idInside(input, id)));
      const users = { uidMap: input, gidMap: input };
      assertRecord(recordOf(capturedWith({ namespaces: { hasOwnMounts: false, users } })));
    },
  },
  {
    name: 'fdinfo',
    check(input) {
      const { position, flags } = parseFdinfo(input);
      assert.ok((position === null || isCount(position)) && (flags === null || /^[a-z,]+$/.test(flags)));
      const descriptors = [{ fd: 3, target: input, info: input }];
      assertRecord(recordOf(capturedWith({ descriptors, descriptorCount: 1 })));
    },
  },
];
