import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { join } from 'node:path';
import { takeCorePattern } from '../test/core-pattern.ts';
import { measureCapture } from './capture.ts';
import { measureDebugger } from './debugger.ts';
import { measureMemory } from './memory.ts';
import { measurePolicy } from './policy.ts';
import { measureRelease } from './release.ts';
import { measureReport } from './report.ts';
import { measureSlowDisk } from './slow-disk.ts';
import { measureStorm } from './storm.ts';

/**
 * Measures and prints, and keeps the result: `sudo npm run bench [-- capture debugger release report memory slow-disk policy storm]`.
 *
 * Figures are ratios and differences against references of the same run: a machine's own speed says nothing.
 */
const PARTS = {
  capture: measureCapture,
  debugger: measureDebugger,
  release: measureRelease,
  report: measureReport,
  memory: measureMemory,
  'slow-disk': measureSlowDisk,
  policy: measurePolicy,
  storm: measureStorm,
};

const wanted = process.argv.slice(2);
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const restore: (() => void)[] = [];
await takeCorePattern({ after: (fn) => restore.push(fn) });
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const table = await measure();
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Linux ${release()} ${arch()}, Node ${process.version}`;
    const text = `# bench/${name}\n\nCommit ${commit}, ${new Date().toISOString().slice(0, 10)}, ${machine}.\n\n${table}`;
    writeFileSync(join(results, `${name}.md`), text);
    console.log(text);
  }
} finally {
  for (const act of restore) act();
}
