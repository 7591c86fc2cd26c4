import { writeSync } from 'node:fs';
import { ReportTarget } from '../../client/report-target.ts';
import { testEvent } from './test-server.ts';

/** Leaves a whole report in `.pending`, as a client does that finds no server. */
const [runDir = '', text = ''] = process.argv.slice(2);
const target = ReportTarget.open(runDir, testEvent({ crashId: crashId() }));
for (const [name, fd] of Object.entries(target.files)) writeSync(fd, `${name} ${text}`, 0);
if (target.captured(10, 1, { files: [], descriptors: [] }) !== 'analyse')
  throw new Error('another client analyses');
await target.completed({ signature: '', signatureHash: '', analysisMs: 0, heldMs: 1 });

function crashId(): string {
  return `${'f'.repeat(32)}-${process.pid}-1-${Date.now() * 1000}`;
}
