import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseCgroup } from '../../../capture/proc/parse-cgroup.ts';
import { damage } from './damage.ts';

const ID = 'c0ffee'.padEnd(64, '0');

/** Paths as the runtimes make them: [path, unit, user unit, runtime, id]. */
const CASES: readonly (readonly [
  path: string,
  unit: string | null,
  user: string | null,
  runtime?: string,
  id?: string,
])[] = [
  ['/', null, null],
  ['/init.scope', 'init.scope', null],
  ['/system.slice/app.service', 'app.service', null],
  ['/system.slice/app.service (deleted)', 'app.service', null],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service', null],
  ['/system.slice/app.service/worker/deep', 'app.service', null],
  ['/system.slice/_cgroup.service', 'cgroup.service', null],
  ['/system.slice/my\\x2dapp.service', 'my\\x2dapp.service', null],
  ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope', null],
  ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'user@1000.service', null],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/app-editor.service',
    'user@1000.service',
    'app-editor.service',
  ],
  ['/user.slice/user-1000.slice', null, null],
  ['/build/job', null, null],
  [`/docker/${ID}`, null, null, 'docker', ID],
  [`/system.slice/docker-${ID}.scope`, `docker-${ID}.scope`, null, 'docker', ID],
  [`/system.slice/docker-${ID}.scope/system.slice/in.service`, `docker-${ID}.scope`, null, 'docker', ID],
  [`/machine.slice/libpod-${ID}.scope/container`, `libpod-${ID}.scope`, null, 'podman', ID],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    'user@1000.service',
    `libpod-${ID}.scope`,
    'podman',
    ID,
  ],
  [`/kubepods/burstable/pod1234-5678/${ID}`, null, null, 'kubernetes', ID],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/cri-containerd-${ID}.scope`,
    `cri-containerd-${ID}.scope`,
    null,
    'containerd',
    ID,
  ],
  [`/kubepods.slice/kubepods-pod12.slice/crio-${ID}.scope`, `crio-${ID}.scope`, null, 'cri-o', ID],
  ['/lxc.payload.web/system.slice/nginx.service', null, null, 'lxc', 'web'],
  ['/lxc/web', null, null, 'lxc', 'web'],
  ['/lxc.monitor.web', null, null],
  ['/machine.slice/machine-my\\x2dbox.scope', 'machine-my\\x2dbox.scope', null, 'nspawn', 'my-box'],
  // Anybody to whom a part of the tree is delegated may make such a name.
  [
    '/machine.slice/machine-..\\x2fmy\\x2dbox.scope',
    'machine-..\\x2fmy\\x2dbox.scope',
    null,
    'nspawn',
    '..\\x2fmy-box',
  ],
  ['/machine.slice/systemd-nspawn@box.service/payload', 'systemd-nspawn@box.service', null, 'nspawn', 'box'],
  ['/machine.slice/machine-qemu\\x2d1\\x2dvm.scope', 'machine-qemu\\x2d1\\x2dvm.scope', null],
];

for (const [path, unit, userUnit, runtime, id] of CASES) {
  test(`parseCgroup() reads ${path.replaceAll(ID, 'ID')}`, () => {
    const cgroup = parseCgroup(Buffer.from(`0::${path}\n`));
    assert.deepEqual(
      [cgroup.unit?.toString() ?? null, cgroup.userUnit?.toString() ?? null],
      [unit, userUnit],
    );
    assert.deepEqual([cgroup.container?.runtime, cgroup.container?.id.toString()], [runtime, id]);
  });
}

test("parseCgroup() takes systemd's own hierarchy where the unified one is empty", () => {
  const v1 = `12:memory:/docker/${ID}\n1:name=systemd:/system.slice/app.service\n`;
  assert.equal(parseCgroup(Buffer.from(v1)).unit?.toString(), 'app.service');
  const hybrid = parseCgroup(Buffer.from(`${v1}0::/\n`));
  assert.deepEqual(
    [hybrid.unit?.toString(), hybrid.container?.id.toString(), hybrid.lines.length],
    ['app.service', ID, 3],
  );
});

test("parseCgroup() reads this process's cgroup", () => {
  const bytes = readFileSync('/proc/self/cgroup');
  assert.equal(
    Buffer.concat(parseCgroup(bytes).lines.flatMap((line) => [line, Buffer.from('\n')])).compare(bytes),
    0,
  );
});

test('parseCgroup() never throws, whatever the damage, and is not slowed down by a long path', () => {
  damage(Buffer.from(`0::/user.slice/user@1000.service/a.slice/libpod-${ID}.scope\n`), (damaged) =>
    parseCgroup(damaged),
  );
  const before = performance.now();
  parseCgroup(Buffer.from(`0::${'/kubepods'.repeat(450)}\n`.repeat(64)));
  parseCgroup(Buffer.from(`0::/kubepods${'/x'.repeat(2000)}\n`.repeat(64)));
  assert.ok(performance.now() - before < 10_000);
});

test('parseCgroup() spends no time on a path that is longer than any', () => {
  const started = performance.now();
  const { lines, container } = parseCgroup(
    Buffer.from(`0::${'/kubepods/x'.repeat(6000)}/${'a'.repeat(64)}\n`),
  );
  assert.equal(lines.length, 1);
  assert.equal(container, null);
  assert.ok(performance.now() - started < 200);
});
