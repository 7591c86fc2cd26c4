/** A container, told by the name of its cgroup. */
export interface ContainerName {
  /**
   * `docker`, `buildkit`, `podman`, `buildah`, `containerd`, `cri-o`, `lxc`, `nspawn`, `flatpak`; `kubernetes` for a pod's whose
   * engine the name does not tell. Null for an id without any of it.
   */
  engine: string | null;
  /** 64 hex digits, or the name that its owner gave. */
  id: Buffer;
  /** Of a Kubernetes pod the uid; null for what is none. */
  pod: Buffer | null;
}

/** A container, and how many levels of the path lead to it. */
export interface FoundContainer {
  name: ContainerName;
  depth: number;
}

const ID = '([0-9a-f]{64})';

/**
 * How engines name a level of the path, with systemd as the driver (`docker-ID.scope`) and without (`libpod-ID`). Where each was
 * seen stands in the test.
 */
const LEVELS: readonly { engine: string; name: RegExp }[] = [
  { engine: 'docker', name: new RegExp(`^docker-${ID}(?:\\.scope)?$`) },
  { engine: 'podman', name: new RegExp(`^libpod-(?:payload-)?${ID}(?:\\.scope)?$`) },
  { engine: 'cri-o', name: new RegExp(`^crio-${ID}(?:\\.scope)?$`) },
  { engine: 'containerd', name: new RegExp(`^(?:cri-containerd|containerd|nerdctl)-${ID}(?:\\.scope)?$`) },
  // The OCI form of a systemd cgroup, `slice:prefix:name`, where the runtime took it for a path.
  { engine: 'containerd', name: new RegExp(`:cri-containerd:${ID}$`) },
  { engine: 'cri-o', name: new RegExp(`:crio:${ID}$`) },
  { engine: 'docker', name: new RegExp(`:docker:${ID}$`) },
  { engine: 'buildkit', name: /^system\.slice:docker:([0-9a-z]{25})$/ },
  { engine: 'buildah', name: /^(?:(?:crun|runc)-)?buildah-(buildah\d+)(?:\.scope)?$/ },
  { engine: 'lxc', name: /^lxc\.payload[.-](.+)$/s },
  { engine: 'nspawn', name: /^systemd-nspawn@(.+)\.service$/s },
  { engine: 'nspawn', name: /^machine-(?!qemu)(.+)\.scope$/s },
  { engine: 'flatpak', name: /^app-flatpak-(.+)-\d+\.scope$/s },
];

/** The same where the level above says whose it is: `/docker/ID`. */
const BELOW: readonly { engine: string; above: RegExp; name: RegExp }[] = [
  { engine: 'docker', above: /^docker$/, name: new RegExp(`^${ID}$`) },
  { engine: 'buildkit', above: /^docker$/, name: /^([0-9a-z]{25})$/ },
  { engine: 'podman', above: /^libpod$/, name: new RegExp(`^${ID}$`) },
  {
    engine: 'containerd',
    above: /^(?:containerd|cri-containerd|nerdctl|k8s\.io)$/,
    name: new RegExp(`^${ID}$`),
  },
  { engine: 'lxc', above: /^lxc(?:\.payload)?$/, name: /^(.+)$/s },
];

const BARE_ID = new RegExp(`^${ID}$`);

/**
 * The level of a pod: `pod<uid>` below kubepods with cgroupfs as the driver, else `kubepods-burstable-pod<uid>.slice` with `_` for
 * each `-`, whatever the kubelet's own root is called in front of it. Static pods have uids without any.
 */
const POD =
  /^(?:(?:[\w.]+-)*kubepods(?:-besteffort|-burstable)?-)?pod([0-9a-f]{8}[0-9a-f_-]{0,64})(?:\.slice)?(?::.*)?$/s;

/**
 * The outermost container in a path: the one that this machine knows. What lies below it was named by whoever is in it.
 *
 * @param levels Of the path, from the root on, as bytes in latin1.
 */
export function containerInCgroup(levels: readonly string[]): FoundContainer | null {
  let isKubernetes = false;
  let pod: string | null = null;
  for (const [at, level] of levels.entries()) {
    isKubernetes ||= /kubepods/.test(level);
    if (isKubernetes) pod ??= POD.exec(level)?.[1]?.replaceAll('_', '-') ?? null;
    const found = named(level, levels[at - 1] ?? '') ?? bare(level, isKubernetes);
    if (found === null) continue;
    const { engine, id } = found;
    const bytes = Buffer.from(withoutUnitEscapes(id), 'latin1');
    const name = { engine, id: bytes, pod: pod === null ? null : Buffer.from(pod, 'latin1') };
    return { name, depth: at + 1 };
  }
  return null;
}

function named(level: string, above: string): { engine: string; id: string } | null {
  for (const { engine, name } of LEVELS) {
    const id = name.exec(level)?.[1];
    if (id !== undefined) return { engine, id };
  }
  for (const { engine, above: parent, name } of BELOW) {
    const id = parent.test(above) ? name.exec(level)?.[1] : undefined;
    if (id !== undefined) return { engine, id };
  }
  return null;
}

/** With another parent than the engine's own (`--cgroup-parent`), and in pods, an id stands alone. */
function bare(level: string, isKubernetes: boolean): { engine: string | null; id: string } | null {
  const id = BARE_ID.exec(level)?.[1];
  return id === undefined ? null : { engine: isKubernetes ? 'kubernetes' : null, id };
}

/** `\x2d` -> `-` in a machine's name (systemd-escape(1)); what no name can hold, `/` and NUL, stays escaped. */
function withoutUnitEscapes(name: string): string {
  return name.replace(/\\x(?!2f|00)([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
