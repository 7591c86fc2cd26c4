import { globSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ArchiveEntry } from './archive.ts';

/** Where the programs lie on a machine that has the package; the units' `@PROGRAMS@`. */
export const PROGRAMS = 'usr/lib/usercrash';

const root = join(import.meta.dirname, '../..');

const COMMANDS: Readonly<Record<string, string>> = {
  'usr/bin/crashlogctl': 'crashlogctl',
  'usr/bin/debugger': 'debugger',
  'usr/sbin/usercrash-server': 'usercrash-server',
  'usr/sbin/usercrash-client': 'usercrash-client',
};

/** Which of the sources go where, as they are; `@PROGRAMS@` in them is replaced. */
const SOURCES: readonly (readonly [string, string])[] = [
  ['systemd/*.{service,socket,target,path,timer}', 'usr/lib/systemd/system'],
  ['systemd/sysusers.d/*.conf', 'usr/lib/sysusers.d'],
  ['systemd/tmpfiles.d/*.conf', 'usr/lib/tmpfiles.d'],
  ['install/completions/*.bash', 'usr/share/bash-completion/completions'],
  ['install/completions/_*', 'usr/share/zsh/vendor-completions'],
  ['install/completions/*.fish', 'usr/share/fish/vendor_completions.d'],
  ['install/usercrash.toml', 'etc/usercrash'],
];

/**
 * Everything that a package installs but its documents.
 *
 * @param built The built programs, with `node` among them.
 */
export function installedFiles(built: string): ArchiveEntry[] {
  const programs = readdirSync(built, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const source = join(entry.parentPath, entry.name);
    const path = join(PROGRAMS, relative(built, source));
    if (entry.isDirectory()) return [];
    if (entry.isSymbolicLink()) return [{ path, mode: 0o777, what: { link: readlinkSync(source) } }];
    const mode = (statSync(source).mode & 0o111) === 0 ? 0o644 : 0o755;
    return [file(path, mode, readFileSync(source))];
  });
  const commands = Object.entries(COMMANDS).map(([path, program]) => {
    return { path, mode: 0o777, what: { link: `../lib/usercrash/${program}` } };
  });
  const sources = SOURCES.flatMap(([pattern, directory]) =>
    globSync(pattern, { cwd: root }).map((source) => {
      const text = readFileSync(join(root, source), 'utf8').replaceAll('@PROGRAMS@', `/${PROGRAMS}`);
      return file(`${directory}/${basename(source, '.bash')}`, 0o644, Buffer.from(text));
    }),
  );
  const pages = globSync('install/man/*.[1-8]', { cwd: root }).map((source) => {
    const bytes = gzipSync(readFileSync(join(root, source)), { level: 9 });
    return file(`usr/share/man/man${source.slice(-1)}/${basename(source)}.gz`, 0o644, bytes);
  });
  return [...programs, ...commands, ...sources, ...pages];
}

function file(path: string, mode: number, bytes: Uint8Array): ArchiveEntry {
  return { path, mode, what: { bytes } };
}
