import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseCgroup } from '../../../capture/proc/parse-cgroup.ts';
import { damage } from './damage.ts';

const ID = 'c0ffee'.padEnd(64, '0');

/** Units as systemd names them: [path, unit, unit of the user's manager]. */
const UNITS: readonly (readonly [path: string, unit: string | null, user: string | null])[] = [
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
  ['/lxc.monitor.web', null, null],
  ['/machine.slice/machine-qemu\\x2d1\\x2dvm.scope', 'machine-qemu\\x2d1\\x2dvm.scope', null],
  // podman's monitor is no container.
  [`/machine.slice/libpod-conmon-${ID}.scope`, `libpod-conmon-${ID}.scope`, null],
];

for (const [path, unit, userUnit] of UNITS) {
  test(`parseCgroup() reads the unit of ${path.replaceAll(ID, 'ID')}`, () => {
    const cgroup = parseCgroup(Buffer.from(`0::${path}\n`));
    assert.deepEqual(
      [cgroup.unit?.toString() ?? null, cgroup.userUnit?.toString() ?? null],
      [unit, userUnit],
    );
    assert.equal(cgroup.container, null);
  });
}

const UID = '2c48913c-b29f-11e7-9350-020968147796';
const UID_ = UID.replaceAll('-', '_');
const USER = '/user.slice/user-1000.slice/user@1000.service';

/**
 * Paths as engines make them, on cgroup v1 and v2 and with both drivers, each with where it is from: [path, engine, id, more], with
 * the unit inside or the pod where there is one.
 */
const CONTAINERS: readonly (readonly [
  path: string,
  engine: string | null,
  id: string,
  more?: { inside?: string; pod?: string },
])[] = [
  // moby: daemon/oci_linux.go, WithCgroups(): cgroupfs, and systemd.
  [`/docker/${ID}`, 'docker', ID],
  [`/docker/${ID}/system.slice/in.service`, 'docker', ID, { inside: 'in.service' }],
  [`/system.slice/docker-${ID}.scope`, 'docker', ID],
  [`/system.slice/docker-${ID}.scope/init.scope`, 'docker', ID, { inside: 'init.scope' }],
  // Rootless docker: docs.docker.com/engine/security/rootless, cgroup v2.
  [`${USER}/user.slice/docker-${ID}.scope`, 'docker', ID],
  // docker run --cgroup-parent=/custom: the engine is not in the path.
  [`/custom/${ID}`, null, ID],
  // BuildKit in dockerd: KonishchevDmitry/server-metrics, internal/classifier/classifier_test.go; moby, daemon/daemon_linux.go.
  ['/system.slice/system.slice:docker:jvifp9a6b1lxa1kuw8bwfcovf', 'buildkit', 'jvifp9a6b1lxa1kuw8bwfcovf'],
  ['/docker/jvifp9a6b1lxa1kuw8bwfcovf', 'buildkit', 'jvifp9a6b1lxa1kuw8bwfcovf'],
  // podman: libpod/container_internal_linux.go, getOCICgroupPath(); crun puts the process into `container`.
  [`/machine.slice/libpod-${ID}.scope/container`, 'podman', ID],
  [
    `/machine.slice/libpod-${ID}.scope/container/system.slice/in.service`,
    'podman',
    ID,
    { inside: 'in.service' },
  ],
  [`${USER}/user.slice/libpod-${ID}.scope/container`, 'podman', ID],
  [`${USER}/user.slice/user-libpod_pod_${ID}.slice/libpod-${ID}.scope/container`, 'podman', ID],
  [`/libpod_parent/libpod-${ID}`, 'podman', ID],
  // A container of a unit made by podman generate systemd or quadlet, which keep it in the unit's own cgroup: cgroups=split.
  [`/system.slice/web.service/libpod-payload-${ID}`, 'podman', ID],
  // buildah: KonishchevDmitry/server-metrics, as above.
  ['/system.slice/crun-buildah-buildah2365838308.scope', 'buildah', 'buildah2365838308'],
  [`${USER}/app.slice/runc-buildah-buildah1059824916.scope`, 'buildah', 'buildah1059824916'],
  // nerdctl with the systemd driver: pkg/cmd/container/run_cgroup_linux.go.
  [`/system.slice/nerdctl-${ID}.scope`, 'containerd', ID],
  // Kubernetes with the cgroupfs driver: kubelet, pkg/kubelet/cm/cgroup_manager_linux.go; guaranteed, burstable, best effort.
  [`/kubepods/pod${UID}/${ID}`, 'kubernetes', ID, { pod: UID }],
  [`/kubepods/burstable/pod${UID}/${ID}`, 'kubernetes', ID, { pod: UID }],
  [`/kubepods/besteffort/pod${UID}/${ID}`, 'kubernetes', ID, { pod: UID }],
  [`/kubepods/besteffort/pod${UID}/crio-${ID}`, 'cri-o', ID, { pod: UID }],
  // With the systemd driver: the same file, ToSystemd(), and what containerd, CRI-O and dockershim call the scope.
  [`/kubepods.slice/kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`, 'containerd', ID, { pod: UID }],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/crio-${ID}.scope/container`,
    'cri-o',
    ID,
    { pod: UID },
  ],
  [
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UID_}.slice/docker-${ID}.scope`,
    'docker',
    ID,
    { pod: UID },
  ],
  // A static pod's uid is the hash of its file: kubelet, pkg/kubelet/config/common.go.
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podc704ef4c297ab11032b83ce52cbfc87b.slice/cri-containerd-${ID}.scope`,
    'containerd',
    ID,
    { pod: 'c704ef4c297ab11032b83ce52cbfc87b' },
  ],
  // containerd with cgroupfs under a kubelet with systemd: elastic/apm-agent-nodejs and OpenTelemetry, container id detectors.
  [
    `/system.slice/containerd.service/kubepods-burstable-pod${UID_}.slice:cri-containerd:${ID}`,
    'containerd',
    ID,
    { pod: UID },
  ],
  [`/kuberuntime/containerd/kubepods-pod${UID_}:cri-containerd:${ID}`, 'containerd', ID, { pod: UID }],
  // kubelet --cgroup-root=/kubelet, as kind has it, on a machine that is no container.
  [
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UID_}.slice/cri-containerd-${ID}.scope`,
    'containerd',
    ID,
    { pod: UID },
  ],
  // kind's node is a container of docker's: that is what this machine knows.
  [
    `/system.slice/docker-${ID}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UID_}.slice/cri-containerd-${'a'.repeat(64)}.scope`,
    'docker',
    ID,
    { inside: `cri-containerd-${'a'.repeat(64)}.scope` },
  ],
  // LXC: src/lxc/cgroups/cgfsng.c, lxc.payload.NAME; before 4.0, and Proxmox: /lxc/NAME.
  ['/lxc.payload.web/system.slice/nginx.service', 'lxc', 'web', { inside: 'nginx.service' }],
  [`${USER}/lxc.payload.web`, 'lxc', 'web'],
  ['/lxc/web', 'lxc', 'web'],
  ['/lxc/101/ns/system.slice/nginx.service', 'lxc', '101', { inside: 'nginx.service' }],
  ['/lxc.payload/web', 'lxc', 'web'],
  // systemd-nspawn: src/nspawn/nspawn-register.c and nspawn-cgroup.c; as a service with --keep-unit: systemd-nspawn@.service.
  [
    '/machine.slice/machine-my\\x2dbox.scope/payload/system.slice/cron.service',
    'nspawn',
    'my-box',
    { inside: 'cron.service' },
  ],
  ['/machine.slice/systemd-nspawn@box.service/payload/init.scope', 'nspawn', 'box', { inside: 'init.scope' }],
  // Anybody to whom a part of the tree is delegated may make such a name.
  ['/machine.slice/machine-..\\x2fmy\\x2dbox.scope', 'nspawn', '..\\x2fmy-box'],
  // flatpak: common/flatpak-run.c, systemd scope.
  [`${USER}/app.slice/app-flatpak-md.obsidian.Obsidian-2751032070.scope`, 'flatpak', 'md.obsidian.Obsidian'],
];

for (const [path, engine, id, { inside = undefined, pod = undefined } = {}] of CONTAINERS) {
  test(`parseCgroup() reads the container of ${path.replaceAll(ID, 'ID')}`, () => {
    for (const line of [`0::${path}\n`, `11:devices:/\n4:memory:${path}\n1:name=systemd:${path}\n0::/\n`]) {
      const { container, unitInside } = parseCgroup(Buffer.from(line));
      assert.deepEqual([container?.engine, container?.id.toString()], [engine, id]);
      assert.deepEqual([unitInside?.toString(), container?.pod?.toString()], [inside, pod]);
    }
  });
}

test('parseCgroup() tells the unit of this machine beside that of the container', () => {
  const { unit, userUnit, unitInside } = parseCgroup(
    Buffer.from(`0::${USER}/user.slice/libpod-${ID}.scope/container/system.slice/in.service\n`),
  );
  assert.deepEqual([unit, userUnit, unitInside].map(String), [
    'user@1000.service',
    `libpod-${ID}.scope`,
    'in.service',
  ]);
});

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
