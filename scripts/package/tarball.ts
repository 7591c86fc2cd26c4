import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ArchiveEntry, archive } from './archive.ts';

/** What systemd and Debian read is made by `crashlogctl enable`, or is of no use. */
const LEFT_OUT = /^usr\/(?:lib\/(?:systemd|sysusers\.d|tmpfiles\.d)|share\/lintian)\//;

const scripts = join(import.meta.dirname, '../../install/package');

/**
 * The package for systems without dpkg: the same files, with an install.sh that puts them below a prefix.
 *
 * @param files As the .deb has them.
 * @param relocate The built relocate.ts.
 * @param made `directory`: what it unpacks to; `glibc`: the oldest that it runs with; `seconds`: the time of every file.
 */
export function tarball(
  files: readonly ArchiveEntry[],
  relocate: Uint8Array,
  made: { directory: string; glibc: string; seconds: number },
): Buffer {
  const entries = files
    .filter(({ path }) => !LEFT_OUT.test(path))
    .map((entry) => ({ ...entry, path: placeOf(entry.path) }));
  const script = (name: string) => {
    const text = readFileSync(join(scripts, name), 'utf8').replaceAll('@GLIBC@', made.glibc);
    return { path: name, mode: 0o755, what: { bytes: Buffer.from(text) } };
  };
  const all: ArchiveEntry[] = [
    ...entries,
    ...['install.sh', 'uninstall.sh'].map(script),
    { path: 'relocate.cjs', mode: 0o644, what: { bytes: relocate } },
  ];
  return gzipSync(archive(all, made.seconds, `${made.directory}/`));
}

function placeOf(path: string): string {
  return path
    .replace(/^usr\//, '')
    .replace(/^etc\/usercrash\//, '')
    .replace('zsh/vendor-completions', 'zsh/site-functions');
}
