import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEntry } from '../../report/history.ts';
import { readHistory } from '../../report/read-history.ts';
import { readRecord } from '../../report/read-record.ts';
import { END_LINE } from '../../report/render-text.ts';
import { type Collecting, pendingNames, run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';

/** Kills of each program, spread over the time that a crash takes from beginning to end. `USERCRASH_KILLS=200` for a long run. */
const KILLS = Number(process.env['USERCRASH_KILLS'] ?? 3);
const SPAN_MS = 400;
const ROLES = ['server', 'resident', 'client', 'gdb'] as const;
type Role = (typeof ROLES)[number];

interface OurProcess {
  pid: number;
  role: Role;
}

/** Every process of this collector, and what they have started. */
function ourProcesses({ directories, server }: Collecting): OurProcess[] {
  const found = new Map<number, OurProcess>();
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  for (const pid of pids) {
    const words = textOf(`/proc/${pid}/cmdline`).split('\0');
    if (words.includes('--resident') && words.includes(directories.runDir))
      found.set(pid, { pid, role: 'resident' });
    else if (words.includes(directories.runDir)) found.set(pid, { pid, role: 'client' });
  }
  if (
    server.process.pid !== undefined &&
    server.process.exitCode === null &&
    server.process.signalCode === null
  )
    found.set(server.process.pid, { pid: server.process.pid, role: 'server' });
  // Below the clients are cages, and gdb in them.
  for (let more = true; more; ) {
    more = false;
    for (const pid of pids) {
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0);
      const above = found.get(parent);
      if (found.has(pid) || above === undefined || above.role === 'server') continue;
      found.set(pid, { pid, role: 'gdb' });
      more = true;
    }
  }
  return [...found.values()];
}

/** Who is there when nothing more changes: the same for a second. */
async function steadyRoles(collecting: Collecting): Promise<string> {
  const roles = () =>
    ourProcesses(collecting)
      .map(({ role }) => role)
      .sort()
      .join();
  let [last, since] = [roles(), performance.now()];
  const deadline = performance.now() + 30_000;
  while (performance.now() - since < 1000 && performance.now() < deadline) {
    await sleep(50);
    const now = roles();
    if (now !== last) [last, since] = [now, performance.now()];
  }
  return last;
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** @returns Whether there was one. */
function kill(collecting: Collecting, role: Role): boolean {
  const targets = ourProcesses(collecting).filter((one) => one.role === role);
  for (const { pid } of targets) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended since.
    }
  }
  return targets.length > 0;
}

/** The last word on each process that died. */
async function lastWords(collecting: Collecting): Promise<Map<number, HistoryEntry>> {
  const words = new Map<number, HistoryEntry>();
  for await (const entry of readHistory(collecting.directories.logDir))
    if (entry.pid !== null) words.set(entry.pid, entry);
  return words;
}

/** Waits for something that need not come. */
async function settled(isSettled: () => Promise<boolean>, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSettled()) && performance.now() < deadline) await sleep(100);
}

/** What has a report's name is all of one; nothing else is left. */
function assertNothingHalf({ directories }: Collecting): void {
  const names = readdirSync(directories.logDir);
  assert.deepEqual(
    names.filter((name) => !/^(?:\.pending|history|usercrash_\d+(?:\.json|\.core\.zst)?)$/.test(name)),
    [],
  );
  for (const name of names.filter((name) => /^usercrash_\d+$/.test(name))) {
    const path = join(directories.logDir, name);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.endsWith(`${END_LINE}\n`));
    assert.ok(text.includes(readRecord(readFileSync(`${path}.json`)).crashId));
  }
}

async function killEverywhere(t: TestContext, mode: 'pipe' | 'socket'): Promise<void> {
  const collecting = await startCollecting(t, ['--mode', mode, '--slots', '1000']);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pids = [(await run(program)).pid];
  await collecting.published(pids[0] ?? 0);
  const whole = await steadyRoles(collecting);
  const killed = new Map<Role, number>();
  const told = new Map<number, string>();
  for (let number = 0; number < KILLS * ROLES.length; number += 1) {
    const role = ROLES[number % ROLES.length] ?? 'server';
    const crash = run(program);
    await sleep((Math.floor(number / ROLES.length) * SPAN_MS) / KILLS);
    const isKilled = role === 'server' ? true : kill(collecting, role);
    if (role === 'server') await collecting.server.stop('SIGKILL');
    if (isKilled) killed.set(role, (killed.get(role) ?? 0) + 1);
    // No process is held for ever.
    const { pid } = await crash;
    pids.push(pid);
    told.set(pid, `${pid}: ${role} ${isKilled ? 'killed' : 'not there'}`);
    if (role !== 'server') continue;
    await collecting.restart();
    await collecting.server.logged(' collecting ');
  }
  // One that is as it should be, and after which everything is there again.
  const { pid } = await run(program);
  await collecting.published(pid);
  pids.push(pid);
  const isSettled = async () => {
    const words = await lastWords(collecting);
    return pids.every((pid) => words.has(pid) && words.get(pid)?.collected !== 'pending');
  };
  // The ledger waits for half a minute before it gives a crash up. What was killed at each of its analyses waits for a server
  // that starts anew.
  await settled(isSettled, 40_000);
  await collecting.server.stop();
  await collecting.restart();
  await settled(isSettled, 10_000);
  const words = await lastWords(collecting);
  const silent = pids.filter((pid) => !words.has(pid));
  assert.deepEqual(
    silent,
    [],
    `nobody tells of ${silent.map((pid) => told.get(pid))}\n${collecting.server.log.join('\n')}`,
  );
  for (const word of pids.map((pid) => words.get(pid))) {
    assert.ok(
      word?.collected === 'full' || (word?.collected === 'not collected' && word.reason !== null),
      JSON.stringify(word),
    );
  }
  // Of what was begun only the event is left, for ten minutes: its line has come by the ledger.
  const waiting = () => pendingNames(collecting).filter((name) => !name.endsWith('.event'));
  await until('nothing waits', () => waiting().length === 0).catch((error: unknown) => {
    throw new Error(`${waiting()}\n${collecting.server.log.join('\n')}`, { cause: error });
  });
  assertNothingHalf(collecting);
  const left = await steadyRoles(collecting);
  // At the beginning somebody may still have been warming up.
  assert.ok(left.length <= whole.length && left.endsWith('resident,server'), `${left}, and before ${whole}`);
  const reports = pids.filter((pid) => words.get(pid)?.collected === 'full').length;
  t.diagnostic(`${mode}: ${pids.length} crashes, ${reports} reports; killed ${JSON.stringify([...killed])}`);
}

for (const mode of ['pipe', 'socket'] as const) {
  test(`whatever is killed at whatever moment, each crash has its report or its line, and nothing half is left, ${mode}`, (t) =>
    killEverywhere(t, mode));
}
