/** What the mounts of a process say of its container. */
export interface MountedContainer {
  engine: string;
  id: Buffer;
}

/** `id parent major:minor root mountpoint ...`: proc_pid_mountinfo(5). */
const LINE =
  /^\d{1,10} \d+ \d+:\d+ (\S+) (?:\/etc\/(?:hostname|hosts|resolv\.conf)|(\/run\/\.containerenv)) /gm;
const DOCKER = /(?:^|\/)containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)$/;
/** podman and CRI-O keep containers in the same place; only podman mounts `.containerenv`. */
const PODMAN = /\/overlay-containers\/([0-9a-f]{64})\/userdata\/[\w.]+$/;

/**
 * The container whose engine has mounted files of its own into it: docker `hostname` and `hosts` from the directory of the
 * container's id, podman and CRI-O the same from another one. Whoever may mount in there can imitate it.
 *
 * @param mountinfo /proc/PID/mountinfo
 */
export function containerInMounts(mountinfo: Buffer): MountedContainer | null {
  let found: { engine: string; id: string } | null = null;
  for (const [, root = '', marker] of mountinfo.toString('latin1').matchAll(LINE)) {
    const podman = PODMAN.exec(root)?.[1];
    if (podman !== undefined && marker !== undefined) return { engine: 'podman', id: Buffer.from(podman) };
    const docker = DOCKER.exec(root)?.[1];
    if (podman !== undefined) found ??= { engine: 'cri-o', id: podman };
    else if (docker !== undefined) found ??= { engine: 'docker', id: docker };
  }
  return found === null ? null : { engine: found.engine, id: Buffer.from(found.id) };
}
