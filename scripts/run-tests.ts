import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs the tests: those that change nothing on the machine several at a time, then those in test/machine/ one after
 * the other (they set core_pattern). node:test's summary of the last run comes last, so everything goes through
 * one run with one summary: the files that need the machine take its lock themselves.
 *
 *   node scripts/run-tests.ts [FILE ...]
 */
const root = join(import.meta.dirname, '..');
const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : globSync(['test/**/*.test.ts', 'systemd/journal-reader/test/**/*.test.ts'], { cwd: root })
        // Whole machines have the processors for themselves: npm run test:vm.
        .filter((file) => !file.startsWith('test/vm/'))
        .sort();
const result = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...files],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = result.status ?? 1;
