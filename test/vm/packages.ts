import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package as it is built now, and the same as a later version. */
export interface Packages {
  deb: string;
  later: string;
}

/** Builds both below `directory`. */
export function packages(directory: string): Packages {
  const built = join(directory, 'built');
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/package.ts'), '--out', built], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const name = readdirSync(built).find((file) => file.endsWith('.deb')) ?? '';
  const deb = join(built, name);
  return { deb, later: laterVersion(deb, directory) };
}

function laterVersion(deb: string, directory: string): string {
  const root = mkdtempSync(join(directory, 'later-'));
  execFileSync('dpkg-deb', ['--raw-extract', deb, join(root, 'files')]);
  const control = join(root, 'files/DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^(Version: .*)$/m, '$1+later'));
  mkdirSync(join(root, 'out'));
  execFileSync('dpkg-deb', [
    '--root-owner-group',
    '-Zzstd',
    '-z1',
    '--build',
    join(root, 'files'),
    join(root, 'out'),
  ]);
  rmSync(join(root, 'files'), { recursive: true });
  return join(root, 'out', readdirSync(join(root, 'out'))[0] ?? '');
}
