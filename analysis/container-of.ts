import type { ProcessSnapshot } from '../capture/captured.ts';
import { containerInMounts } from '../capture/proc/container-in-mounts.ts';
import type { ProcessCgroup } from '../capture/proc/parse-cgroup.ts';

/** The container that a process was in. */
export interface Container {
  /** See ContainerName; null where only an id is known. */
  engine: string | null;
  /** Null where nothing but the environment tells of it. */
  id: Buffer | null;
  pod: Buffer | null;
  /** What tells the engine, or the id: `cgroup`; `mounts` and `environment`, which a process may have made up. */
  toldBy: string;
}

/** What `container` is in the environment of what an engine starts (container(7)): here, by our names. */
const ENGINES: Readonly<{ [value: string]: string }> = {
  'systemd-nspawn': 'nspawn',
  lxc: 'lxc',
  'lxc-libvirt': 'lxc',
  docker: 'docker',
  podman: 'podman',
  oci: 'oci',
  flatpak: 'flatpak',
};

/**
 * Which container a process was in. Its cgroup says so: that is the engine's to choose. Where it does not (`--cgroup-parent`, an engine
 * of a user without a cgroup), and the process has mounts of its own, these and its environment are asked.
 */
export function containerOf(
  cgroup: Pick<ProcessCgroup, 'container'> | null,
  { mountinfo, environ, namespaces }: Pick<ProcessSnapshot, 'mountinfo' | 'environ' | 'namespaces'>,
): Container | null {
  const told = cgroup?.container ?? null;
  if (told !== null && told.engine !== null) return { ...told, toldBy: 'cgroup' };
  const byCgroup = told === null ? null : { ...told, toldBy: 'cgroup' };
  if (namespaces?.hasOwnMounts !== true) return byCgroup;
  const mounted = mountinfo === null ? null : containerInMounts(mountinfo);
  if (mounted !== null && (told === null || told.id.equals(mounted.id)))
    return { ...mounted, pod: told?.pod ?? null, toldBy: 'mounts' };
  const engine = engineIn(environ);
  return engine === null
    ? byCgroup
    : { engine, id: told?.id ?? null, pod: told?.pod ?? null, toldBy: 'environment' };
}

function engineIn(environ: Buffer | null): string | null {
  const value = /(?:^|\0)container=([a-z-]{1,32})(?:\0|$)/.exec(environ?.toString('latin1') ?? '')?.[1] ?? '';
  return Object.hasOwn(ENGINES, value) ? (ENGINES[value] ?? null) : null;
}
