import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { GdbSession } from '../../analysis/gdb/gdb-session.ts';
import { prepareGdb } from '../../analysis/gdb/prepared-gdb.ts';
import { DEFAULT_GDB_LIMITS } from '../../analysis/run-gdb.ts';

const SCRIPT = join(import.meta.dirname, 'show-prepared-cage.ts');

interface Shown {
  status: string;
  root: string;
  processes: string;
  users: string;
  ownUsers: string;
  descriptors: string;
  written: string;
  lacks: string[];
}

const field = (status: string, name: string) =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim();

function shown(descriptors: number): Shown {
  const text = execFileSync(process.execPath, [SCRIPT, String(descriptors)], { encoding: 'utf8' });
  return JSON.parse(text);
}

/** The same as root of a user namespace with all of root's ids, in which nobody can make another one: user_namespaces(7). */
async function shownWithoutNamespaces(): Promise<Shown> {
  const forbidding = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"';
  const waiting = `echo in; read line; exec sh -c '${forbidding}' "$0" "$@"`;
  const child = spawn('unshare', ['--user', 'sh', '-c', waiting, process.execPath, SCRIPT, '2'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 65536\n');
  child.stdin.end('\n');
  return JSON.parse((await text(child.stdout)).replace(/^in\n/, ''));
}

const PLACES: readonly [where: string, show: () => Shown | Promise<Shown>][] = [
  ['', () => shown(2)],
  [' where user namespaces are forbidden', shownWithoutNamespaces],
];

for (const [where, show] of PLACES) {
  test(`a cage that root has prepared lacks nothing for who is not root any more${where}`, async () => {
    const { status, root, processes, users, ownUsers, lacks, written } = await show();
    assert.deepEqual(lacks, []);
    const { uid, gid } = cageUser();
    assert.equal(field(status, 'Uid'), Array(4).fill(uid).join('\t'));
    assert.equal(field(status, 'Gid'), Array(4).fill(gid).join('\t'));
    assert.equal(field(status, 'Groups'), '');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      assert.match(field(status, set) ?? '', /^0+$/, set);
    assert.equal(field(status, 'NoNewPrivs'), '1');
    assert.equal(field(status, 'Seccomp'), '2');
    assert.equal(processes, '1');
    assert.doesNotMatch(root, /home|root|var/);
    assert.equal(written, 'refused');
    assert.equal(users, ownUsers);
  });
}

test('a cage that root has prepared gets its descriptors in their order, also more than a message carries', () => {
  for (const count of [0, 1, 600]) {
    const { descriptors, lacks } = shown(count);
    assert.deepEqual(lacks, []);
    const names = Array.from({ length: count }, (_, index) => `/memfd:given-${index} (deleted)`);
    assert.ok(descriptors === names.join(','), `${count} descriptors`);
  }
});

test('nothing of a cage that was prepared for nothing is left', async (t: TestContext) => {
  const places = () => readdirSync(tmpdir()).filter((name) => name.startsWith('usercrash-sysroot-'));
  const before = places();
  const prepared = prepareGdb(DEFAULT_GDB_LIMITS);
  assert.ok(prepared !== null);
  t.after(() => prepared.close());
  const waiting = () =>
    spawnSync('pgrep', ['-P', String(process.pid), '-f', 'usercrash-cage']).stdout.length > 0;
  assert.ok(waiting());
  prepared.close();
  while (waiting()) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    places().filter((name) => !before.includes(name)),
    [],
  );
});

test('a cage that was ended while it waited is told at once', async (t) => {
  for (const isSeen of [false, true]) {
    const prepared = prepareGdb(DEFAULT_GDB_LIMITS);
    assert.ok(prepared !== null);
    t.after(() => prepared.close());
    const waiting = Number(spawnSync('pgrep', ['-P', String(process.pid), '-f', 'usercrash-cage']).stdout);
    process.kill(-waiting, 'SIGKILL');
    // Its end is told by the event loop only.
    while (isSeen && existsSync(`/proc/${waiting}`)) await new Promise((resolve) => setTimeout(resolve, 10));
    const { root, cwd, top } = prepared.place;
    const options = { descriptors: [], cwd, root, seen: [top], user: null, prepared: prepared.cage };
    const session = () => new GdbSession({ ...DEFAULT_GDB_LIMITS, ...options });
    if (isSeen) assert.throws(session, /its cage was ended/);
    else {
      const reply = await session().send('-list-features');
      assert.ok(!reply.ok && /killed by SIGKILL/.test(reply.reason), JSON.stringify(reply));
    }
  }
});
