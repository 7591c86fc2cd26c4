import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fileSource } from '../../../capture/core-source.ts';
import { NotACoreError, readCoreHead } from '../../../capture/read-core-head.ts';
import { CoreFileError } from '../../../debugger/core-file-error.ts';
import { packingOf, type UnpackedCore, unpackCore } from '../../../debugger/unpack-core.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { assertHead } from './core-head.ts';

/** Children that have just ended may have some open still. */
const MAX_MORE_DESCRIPTORS = 8;
const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
const fd = openSync(join(directory, 'core'), 'w+');
const never = new AbortController().signal;
let openBefore = Number.POSITIVE_INFINITY;

/** A packed core, in any of the ways that are known: what comes out, or one clear error. */
export const packedCore: FuzzTarget = {
  name: 'packed-core',
  // xz and lz4 are programs of the system.
  limitMs: 10_000,
  async check(input) {
    openBefore = Math.min(openBefore, readdirSync('/proc/self/fd').length);
    ftruncateSync(fd);
    writeSync(fd, input, 0, input.length, 0);
    const packing = packingOf(fd);
    if (packing === null) return;
    const unpacked = await unpackedOf();
    if (unpacked === null) return;
    try {
      assert.ok(fstatSync(unpacked.fd).size > 0);
      if (packing === 'gzip' && unpacked.damage === null)
        assert.ok(gunzipSync(input).equals(readFileSync(`/proc/self/fd/${unpacked.fd}`)));
      assertHead(readCoreHead(fileSource(unpacked.fd)), fstatSync(unpacked.fd).size);
    } catch (error) {
      if (!(error instanceof NotACoreError)) throw error;
    } finally {
      closeSync(unpacked.fd);
    }
  },
  close() {
    const open = readdirSync('/proc/self/fd').length;
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
    assert.ok(
      open <= openBefore + MAX_MORE_DESCRIPTORS,
      `${open} descriptors are open, before ${openBefore}`,
    );
  },
};

/** Null where it is refused. */
async function unpackedOf(): Promise<UnpackedCore | null> {
  try {
    return await unpackCore({ path: 'core', fd }, directory, never);
  } catch (error) {
    if (error instanceof CoreFileError) return null;
    throw error;
  }
}
