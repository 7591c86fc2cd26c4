import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileBuildId } from '../../../capture/build-id.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** Lower-case hex, in whole bytes; a report shows it. */
const BUILD_ID = /^(?:[0-9a-f]{2}){1,64}$/;
const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
const fd = openSync(join(directory, 'file'), 'w+');

/** An executable that lies about itself. */
export const elfFile: FuzzTarget = {
  name: 'elf-file',
  check(input) {
    ftruncateSync(fd);
    writeSync(fd, input, 0, input.length, 0);
    const buildId = readFileBuildId(fd);
    if (buildId !== null) assert.match(buildId, BUILD_ID);
  },
  close() {
    closeSync(fd);
    rmSync(directory, { recursive: true, force: true });
  },
};
