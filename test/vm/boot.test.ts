import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Diagnosis } from '../../install/doctor/examine.ts';
import { type HistoryEntry, parseHistoryLine } from '../../report/history.ts';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { slotName } from '../../server/slots.ts';
import { type Image, image } from './image.ts';
import { type Packages, packages } from './packages.ts';
import { runMachine } from './virtual-machine.ts';

/** What a machine noted in its stages (guest/stage). */
interface Noted {
  text(name: string): string;
  /** What there was of crashes in a stage, before everything was purged. */
  history(stage: number): HistoryEntry[];
  reportOf(stage: number, program: string): CrashRecord;
}

const GUEST = join(import.meta.dirname, 'guest');
const CACHE = process.env['USERCRASH_VM_CACHE'] ?? '/var/cache/usercrash-vm';
/** Programs of guest/crash.c that crash while collection is on. */
const ALONE = ['enabled', 'early', 'plain', 'service', 'container', 'upgrade', 'late', 'last'];
const BESIDE = ['early', 'beside', 'service'];
const PROGRAMS = [...new Set([...ALONE, ...BESIDE, 'disabled'])];
/** systemd-coredump loses these by itself: its socket is closed by then, or its service stopped. */
const IN_SHUTDOWN = ['/opt/vm/late', '/opt/vm/last'];
/** What is looked at for whether it is as it was. */
const LEFT = ['sysctls', 'etc', 'files'];
const LIMIT_MS = 28 * 60 * 1000;

const work = mkdtempSync('/var/tmp/uc-vm-');
test.after(() => rmSync(work, { recursive: true, force: true }));
const debian: Image = image(CACHE);
const debs: Packages = packages(work);

/** Runs a machine through its stages. */
async function lifeOf(t: TestContext, kernel: Image['kernels'][number] | undefined): Promise<Noted> {
  assert.ok(kernel);
  const share = mkdtempSync(join(work, 'share-'));
  cpSync(GUEST, share, { recursive: true });
  const put = (directory: string, files: readonly string[]) => {
    mkdirSync(join(share, directory), { recursive: true });
    for (const file of files) copyFileSync(file, join(share, directory, basename(file)));
  };
  put('out', []);
  put('package', [debs.deb]);
  put('upgrade', [debs.later]);
  put('other', debian.packages);
  put('opt/vm', []);
  for (const name of PROGRAMS) {
    execFileSync('gcc', ['-g', '-O0', '-o', join(share, 'opt/vm', name), join(GUEST, 'crash.c')]);
  }
  const { console, tookMs } = await runMachine(debian, kernel, { share, limitMs: LIMIT_MS });
  t.diagnostic(`${kernel.release}: ${Math.round(tookMs / 1000)} s`);
  const out = join(share, 'out');
  const text = (name: string) => readFileSync(join(out, name), 'utf8');
  for (const stage of [1, 2, 3, 4]) {
    const isDone = existsSync(join(out, `code.${stage}`)) && text(`code.${stage}`) === '0\n';
    const log = existsSync(join(out, `log.${stage}`)) ? text(`log.${stage}`) : '';
    assert.ok(isDone, `stage ${stage} failed:\n${console}\n${log.slice(-6000)}`);
  }
  const history = (stage: number) =>
    text(`reports.${stage}/history`)
      .split('\n')
      .map(parseHistoryLine)
      .filter((entry) => entry !== null);
  return {
    ...{ text, history },
    reportOf(stage, program) {
      const slot =
        history(stage).find((entry) => entry.program === program && entry.slot !== null)?.slot ?? 0;
      return readRecord(readFileSync(join(out, `reports.${stage}`, `${slotName(slot)}.json`)));
    },
  };
}

/** Every crash has its report, and what has none repeats one that has. */
function assertReports({ text, history, reportOf }: Noted, stage: number, names: readonly string[]): void {
  const all = history(stage);
  for (const name of names) {
    const program = `/opt/vm/${name}`;
    const collected = all.filter((entry) => entry.program === program).map((entry) => entry.collected);
    assert.ok(
      collected.includes('full'),
      `${name}: ${collected.join()}\n${text(`reports.${stage}/history`)}`,
    );
    assert.equal(reportOf(stage, program).threads?.[0]?.frames?.[0]?.function, `crash_${name}`);
  }
  // Of several lines of a crash the last one is true: what came late is taken back.
  const last = new Map(all.map((entry) => [entry.crashId ?? entry, entry]));
  const lost = [...last.values()].filter(
    ({ collected }) => collected === 'not collected' || collected === 'gap',
  );
  assert.deepEqual(
    lost.map(({ program, reason }) => `${program}: ${reason}`),
    [],
  );
}

function assertStatus({ text }: Noted, moment: string, mode: 'pipe' | 'socket'): void {
  const { collecting, mode: now, server } = JSON.parse(text(`status.${moment}.json`));
  assert.deepEqual([moment, collecting, now, server.state], [moment, true, mode, 'running']);
}

function assertHealthy({ text }: Noted, moment: string): void {
  const findings: Diagnosis[] = JSON.parse(text(`doctor.${moment}.json`)).findings;
  assert.deepEqual(
    findings.filter(({ outcome }) => outcome === 'fail'),
    [],
  );
}

function assertAsBefore({ text }: Noted, before: string, after: string): void {
  assert.equal(text(`sysctls.${after}.disabled`), text(`sysctls.${before}`), 'at once');
  for (const what of LEFT) {
    const was = text(`${what}.${before}`).split('\n');
    const is = text(`${what}.${after}.left`).split('\n');
    const gone = was.filter((line) => !is.includes(line));
    const added = is.filter((line) => !was.includes(line));
    assert.deepEqual({ gone, added }, { gone: [], added: [] }, what);
  }
}

function assertLife(noted: Noted, mode: 'pipe' | 'socket'): void {
  const { text, history, reportOf } = noted;
  for (const moment of ['enabled', 'booted', 'upgraded', 'shut']) assertStatus(noted, moment, mode);
  assertHealthy(noted, 'booted');
  assertReports(noted, 3, ALONE);
  assert.equal(reportOf(3, '/opt/vm/service').process.unit, 'crash.service');
  assert.equal(reportOf(3, '/opt/vm/container').process.containerEngine, 'nspawn');
  const crashed = text('crashed').trim().split('\n');
  const pids = history(3).map(({ pid }) => String(pid));
  assert.ok(crashed.length > 5, 'few crashes during the upgrade');
  assert.deepEqual(
    crashed.filter((pid) => !pids.includes(pid)),
    [],
    'lost during the upgrade',
  );
  assertAsBefore(noted, 'before', 'shut');

  // systemd-coredump gets its cores from the kernel: by pipe.
  assertStatus(noted, 'beside', 'pipe');
  assertHealthy(noted, 'beside');
  assertReports(noted, 4, BESIDE);
  const listed = text('coredumpctl');
  for (const { pid, program } of history(4)) {
    if (program?.startsWith('/opt/vm/') !== true || IN_SHUTDOWN.includes(program)) continue;
    assert.match(listed, new RegExp(`\\b${pid}\\b.*\\bSIGSEGV\\b`), `${program}\n${listed}`);
  }
  assert.match(listed, /SIGSEGV.*\/opt\/vm\/disabled/);
  assertAsBefore(noted, 'other', 'beside');
}

const [oldest, newest] = [debian.kernels[0], debian.kernels.at(-1)];

// At the same time: an emulated machine uses one processor.
test("a machine's life", { concurrency: 2 }, async (t) => {
  await Promise.all([
    t.test("with Debian 12's kernel, by pipe", async (life) => {
      assertLife(await lifeOf(life, oldest), 'pipe');
    }),
    t.test('with a kernel that has coredump sockets', async (life) => {
      assertLife(await lifeOf(life, newest), 'socket');
    }),
  ]);
});
