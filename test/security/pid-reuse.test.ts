import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import { pendingNames, run, startCollecting, until } from '../machine/collecting.ts';
import { compile } from '../machine/programs.ts';

const SECRET = 'not-the-dead-ones-4711';
const USER = 65_534;
/** The last is killed 3.8 ms after its dump has begun: most are let go by then. */
const ROUNDS = 20;

/** All that is kept in a directory, unpacked. */
function kept(directory: string): string {
  const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter((file) =>
    file.isFile(),
  );
  const texts = files.map(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    const isPacked = bytes.length > 0 && (name.endsWith('.zst') || name.endsWith('.core'));
    return (isPacked ? zstdDecompressSync(bytes) : bytes).toString('latin1');
  });
  return texts.join('\n');
}

for (const mode of ['pipe', 'socket']) {
  test(`nothing is kept of processes that race for the numbers of dying ones (CVE-2025-4598), by ${mode}`, async (t) => {
    const collecting = await startCollecting(t, ['--mode', mode]);
    const { logDir, stateDir } = collecting.directories;
    mkdirSync(stateDir, { recursive: true });
    const attacker = join(stateDir, 'attacker');
    execFileSync('gcc', ['-O2', '-w', '-o', attacker, join(import.meta.dirname, 'replace-dying.c')]);
    const victim = compile('nested', join(stateDir, 'nested'));
    chmodSync(join(stateDir, '..'), 0o755);
    const env = { SECRET };
    const { stdout } = await promisify(execFile)(attacker, [victim, `${USER}`, `${ROUNDS}`], { env });
    t.diagnostic(`${stdout.trim()} of ${ROUNDS} numbers were taken in time`);
    assert.ok(Number(stdout) > 0, 'no number was taken');
    // Those before it are stored or let go by then.
    await collecting.published((await run(victim)).pid);
    await until('nothing waits', () => pendingNames(collecting).length === 0);
    const all = kept(logDir);
    t.diagnostic(`${all.split('may be another one').length - 1} times there was doubt`);
    assert.ok(all.includes('nested'));
    assert.ok(!all.includes(SECRET), 'it stands in what is kept');
  });
}
