import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerOf } from '../../analysis/container-of.ts';
import { parseCgroup } from '../../capture/proc/parse-cgroup.ts';

const ID = 'c0ffee'.padEnd(64, '0');
const STORAGE = `/containers/storage/overlay-containers/${ID}/userdata`;

/** Lines as docker, podman and CRI-O mount them. */
const MOUNTS = {
  docker: `749 721 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n`,
  dockerOfItsOwnDisk: `749 721 254:1 /containers/${ID}/hosts /etc/hosts rw,relatime - ext4 /dev/vdb rw\n`,
  podman: `743 735 0:24 ${STORAGE}/hosts /etc/hosts rw - tmpfs tmpfs rw\n744 735 0:24 ${STORAGE}/.containerenv /run/.containerenv rw - tmpfs tmpfs rw\n`,
  crio: `743 735 0:24 ${STORAGE}/hostname /etc/hostname rw - tmpfs tmpfs rw\n`,
};

function told(cgroup: string, mountinfo: string, environ: string, hasOwnMounts = true) {
  const container = containerOf(parseCgroup(Buffer.from(`0::${cgroup}\n`)), {
    mountinfo: Buffer.from(mountinfo),
    environ: Buffer.from(environ),
    namespaces: { hasOwnMounts, users: null },
  });
  return container && [container.toldBy, container.engine, container.id?.toString() ?? null];
}

test('containerOf() trusts the cgroup before mounts and environment', () => {
  const cgroup = `/system.slice/docker-${'a'.repeat(64)}.scope`;
  assert.deepEqual(told(cgroup, MOUNTS.podman, 'container=lxc\0'), ['cgroup', 'docker', 'a'.repeat(64)]);
});

test('containerOf() asks the mounts where the cgroup names no engine', () => {
  assert.deepEqual(told('/', MOUNTS.docker, ''), ['mounts', 'docker', ID]);
  assert.deepEqual(told('/', MOUNTS.dockerOfItsOwnDisk, ''), ['mounts', 'docker', ID]);
  assert.deepEqual(told(`/custom/${ID}`, MOUNTS.docker, ''), ['mounts', 'docker', ID]);
  assert.deepEqual(told('/user.slice', MOUNTS.podman, ''), ['mounts', 'podman', ID]);
  assert.deepEqual(told('/', MOUNTS.crio, ''), ['mounts', 'cri-o', ID]);
  assert.deepEqual(told(`/custom/${'a'.repeat(64)}`, MOUNTS.docker, ''), ['cgroup', null, 'a'.repeat(64)]);
});

test('containerOf() asks the environment last', () => {
  assert.deepEqual(told('/', '', 'PATH=/bin\0container=systemd-nspawn\0'), ['environment', 'nspawn', null]);
  assert.deepEqual(told('/', '', 'container=lxc\0HOME=/\0'), ['environment', 'lxc', null]);
  assert.equal(told('/', '', 'container=<b>\0'), null);
  assert.equal(told('/', '', 'container=constructor\0'), null);
  assert.equal(told('/', '', 'my_container=lxc\0'), null);
});

test('containerOf() believes neither of a process that has no mounts of its own', () => {
  assert.equal(told('/system.slice/app.service', MOUNTS.docker, 'container=docker\0', false), null);
});
