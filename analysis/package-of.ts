import { spawnSync } from 'node:child_process';
import { existsSync, fstatSync, readdirSync, statSync } from 'node:fs';
import type { Record as CrashRecord } from '../report/record.ts';
import { readBeginning } from './read-beginning.ts';

type Package = NonNullable<CrashRecord['process']['package']>;

/** Where the package managers keep their books; a test has its own. */
export interface PackageSources {
  dpkgDir: string;
  rpm: string;
}

const SOURCES: PackageSources = { dpkgDir: '/var/lib/dpkg', rpm: '/usr/bin/rpm' };

/**
 * Time for all lists together. 711 packages with 7 MiB of lists take 23 ms when nothing is found; dpkg-query -S takes
 * 80 ms for the same, and 27 MiB.
 */
const DEADLINE_MS = 250;
const RPM_DEADLINE_MS = 2000;
/** The largest list of Debian is under 8 MiB (linux-headers, texlive); a status file of 5,000 packages 6 MiB. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** No package may put files there (Debian policy 9.1, FHS): most programs that crash in development are here. */
const NEVER_PACKAGED = /^\/(?:usr\/local|home|root|tmp|var\/tmp|run|dev|proc|sys|mnt|media)\//;

/** On a merged /usr the kernel says /usr/bin/bash where the list says /bin/bash, or the other way round. */
const MERGED = /^(?:\/usr)?(\/(?:bin|sbin|lib|lib32|lib64|libx32)\/.*)$/s;

/**
 * The package that owns an executable, as dpkg's own files or rpm know it.
 *
 * @param path Absolute, as /proc/PID/exe says.
 * @param fd The executable that ran, to make sure that the file of that name on this machine is the same: in a
 *   container or after an upgrade it is not, and the package would be wrong. Null to go by the name.
 * @returns Null where nobody owns it, or it could not be found out in time.
 */
export function packageOf(path: Buffer, fd: number | null, sources = SOURCES): Package | null {
  const name = path.toString('latin1');
  if (!name.startsWith('/') || name.includes('\n') || NEVER_PACKAGED.test(name)) return null;
  const found = existsSync(`${sources.dpkgDir}/status`)
    ? fromDpkg(name, sources.dpkgDir)
    : fromRpm(path, sources.rpm);
  return found !== null && (fd === null || isSameFile(path, fd)) ? found : null;
}

function fromDpkg(path: string, dpkgDir: string): Package | null {
  const merged = MERGED.exec(path)?.[1];
  const names = merged === undefined ? [path] : [merged, `/usr${merged}`];
  const needles = names.map((name) => Buffer.from(`\n${name}\n`, 'latin1'));
  const deadline = performance.now() + DEADLINE_MS;
  for (const list of likelyFirst(listsIn(`${dpkgDir}/info`), path)) {
    if (performance.now() > deadline) return null;
    const content = readBeginning(`${dpkgDir}/info/${list}`, MAX_FILE_BYTES);
    if (content === null || !needles.some((needle) => content.includes(needle))) continue;
    const [name = '', architecture] = list.slice(0, -'.list'.length).split(':');
    return fromStatus(readBeginning(`${dpkgDir}/status`, MAX_FILE_BYTES), name, architecture);
  }
  return null;
}

function listsIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.list'));
  } catch {
    return []; // dpkg's books are damaged or not ours to read: no package then.
  }
}

/** A package is mostly named after its program: nginx in nginx-core, python3.11 in python3.11-minimal. */
function likelyFirst(lists: string[], path: string): string[] {
  const program = path.slice(path.lastIndexOf('/') + 1);
  const stem = /^[a-z0-9]{2}[a-z]*/i.exec(program)?.[0].toLowerCase() ?? program;
  const isLikely = (list: string) => list.startsWith(stem) || list.startsWith(`lib${stem}`);
  return [...lists.filter(isLikely), ...lists.filter((list) => !isLikely(list))];
}

/** A stanza of dpkg's status; with several architectures of one package, the one asked for. */
function fromStatus(status: Buffer | null, name: string, architecture: string | undefined): Package | null {
  const head = Buffer.from(`Package: ${name}\n`);
  for (
    let at = status?.indexOf(head) ?? -1;
    status !== null && at !== -1;
    at = status.indexOf(head, at + 1)
  ) {
    if (at > 0 && status[at - 1] !== 0x0a) continue;
    const end = status.indexOf('\n\n', at);
    const stanza = status.toString('utf8', at, end === -1 ? status.length : end);
    const version = /^Version: (.+)$/m.exec(stanza)?.[1];
    const built = /^Architecture: (.+)$/m.exec(stanza)?.[1] ?? '';
    if (version !== undefined && (architecture === undefined || architecture === built)) {
      return { name, version, architecture: built };
    }
  }
  return null;
}

/** rpm's database needs rpm; without a shell, with a deadline, and no more output than a line. */
function fromRpm(path: Buffer, rpm: string): Package | null {
  if (!existsSync(rpm)) return null;
  const name = path.toString('utf8');
  if (!Buffer.from(name).equals(path)) return null; // An argument has to be text; no package has such a name.
  const format = '%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';
  const { status, stdout } = spawnSync(rpm, ['-qf', '--queryformat', format, '--', name], {
    timeout: RPM_DEADLINE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  const [owner, version, architecture] = (status === 0 ? stdout : '').split('\n')[0]?.split('\t') ?? [];
  if (!owner || !version || !architecture) return null;
  return { name: owner, version, architecture };
}

function isSameFile(path: Buffer, fd: number): boolean {
  try {
    const here = statSync(path, { bigint: true });
    const ran = fstatSync(fd, { bigint: true });
    return here.dev === ran.dev && here.ino === ran.ino;
  } catch {
    return false; // Gone since, or a descriptor of nothing: then nothing says that it is the same.
  }
}
