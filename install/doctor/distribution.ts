import { OS_RELEASE } from '../../analysis/machine.ts';
import { readBeginning } from '../../analysis/read-beginning.ts';

/** How this distribution installs what the analysis needs. */
export interface Distribution {
  /** As it calls itself: `Debian GNU/Linux 12 (bookworm)`. */
  name: string;
  /** Command that installs gdb. */
  gdb: string;
  /** Command that installs the debug symbols of the C library. */
  libcSymbols: string;
  /** How to get those of any other package. */
  symbols: string;
  /** Server of debuginfod(8), for gdb by hand; null where there is none. */
  debuginfod: string | null;
}

const MAX_BYTES = 64 * 1024;

/** By ID or ID_LIKE of os-release(5); `{codename}` is VERSION_CODENAME. The first that fits. */
const DISTRIBUTIONS: readonly (Omit<Distribution, 'name'> & { ids: readonly string[] })[] = [
  {
    ids: ['ubuntu'],
    gdb: 'apt-get install gdb',
    libcSymbols: 'apt-get install libc6-dbg',
    symbols:
      'apt-get install ubuntu-dbgsym-keyring, add "deb http://ddebs.ubuntu.com {codename} main universe" and {codename}-updates to the sources, then apt-get install NAME-dbgsym',
    debuginfod: 'https://debuginfod.ubuntu.com',
  },
  {
    ids: ['debian'],
    gdb: 'apt-get install gdb',
    libcSymbols: 'apt-get install libc6-dbg',
    symbols:
      'add "deb http://deb.debian.org/debian-debug {codename}-debug main" to the sources, then apt-get install NAME-dbgsym (find-dbgsym-packages of debian-goodies finds the names)',
    debuginfod: 'https://debuginfod.debian.net',
  },
  {
    ids: ['fedora'],
    gdb: 'dnf install gdb',
    libcSymbols: 'dnf debuginfo-install glibc',
    symbols: 'dnf debuginfo-install NAME',
    debuginfod: 'https://debuginfod.fedoraproject.org',
  },
  {
    ids: ['rhel', 'centos', 'rocky', 'almalinux', 'ol', 'amzn'],
    gdb: 'dnf install gdb',
    libcSymbols: 'dnf debuginfo-install glibc',
    symbols:
      'dnf debuginfo-install NAME (of yum-utils or dnf-utils; the debuginfo repository is enabled by it)',
    debuginfod: null,
  },
  {
    ids: ['suse', 'opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'sles'],
    gdb: 'zypper install gdb',
    libcSymbols: 'zypper install --plus-content debug glibc-debuginfo',
    symbols: 'zypper install --plus-content debug NAME-debuginfo',
    debuginfod: 'https://debuginfod.opensuse.org',
  },
  {
    ids: ['arch'],
    gdb: 'pacman -S gdb',
    libcSymbols:
      'DEBUGINFOD_URLS=https://debuginfod.archlinux.org debuginfod-find debuginfo /usr/lib/libc.so.6',
    symbols: 'enable the repository core-debug or extra-debug in /etc/pacman.conf, then pacman -S NAME-debug',
    debuginfod: 'https://debuginfod.archlinux.org',
  },
  {
    ids: ['alpine'],
    gdb: 'apk add gdb',
    libcSymbols: 'apk add musl-dbg',
    symbols: 'apk add NAME-dbg',
    debuginfod: null,
  },
  {
    ids: ['void'],
    gdb: 'xbps-install gdb',
    libcSymbols: 'xbps-install void-repo-debug && xbps-install -S glibc-dbg',
    symbols: 'xbps-install void-repo-debug && xbps-install -S NAME-dbg',
    debuginfod: 'https://debuginfod.s.voidlinux.org',
  },
  {
    ids: ['gentoo'],
    gdb: 'emerge dev-debug/gdb',
    libcSymbols: 'emerge sys-libs/glibc with FEATURES="splitdebug" and CFLAGS with -g',
    symbols: 'emerge NAME with FEATURES="splitdebug" and CFLAGS with -g',
    debuginfod: null,
  },
];

const OTHER: Omit<Distribution, 'name'> = {
  gdb: 'install gdb as this distribution does',
  libcSymbols: "install the C library's debug symbols (called -dbg, -debuginfo or -debug)",
  symbols: 'install the package that is called NAME-dbg, NAME-dbgsym, NAME-debuginfo or NAME-debug',
  debuginfod: 'https://debuginfod.elfutils.org',
};

/** What there is to know of this machine's distribution. */
export function distribution(): Distribution {
  const texts = OS_RELEASE.map((path) => readBeginning(path, MAX_BYTES)?.toString('utf8'));
  return distributionOf(texts.find((text) => text !== undefined) ?? '');
}

/** @param osRelease os-release(5). */
export function distributionOf(osRelease: string): Distribution {
  const value = (key: string) => new RegExp(`^${key}=(["']?)(.*)\\1\\s*$`, 'm').exec(osRelease)?.[2] ?? '';
  const ids = [value('ID'), ...value('ID_LIKE').split(' ')];
  const found = ids
    .map((id) => DISTRIBUTIONS.find((known) => known.ids.includes(id)))
    .find((known) => known !== undefined);
  const { gdb, libcSymbols, symbols, debuginfod } = found ?? OTHER;
  const codename = value('VERSION_CODENAME') || 'CODENAME';
  return {
    name: value('PRETTY_NAME') || value('ID') || 'Linux',
    ...{ gdb, libcSymbols, debuginfod, symbols: symbols.replaceAll('{codename}', codename) },
  };
}
