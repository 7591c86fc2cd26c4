import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { VERSION } from '../config/version.ts';
import { bundledPackage } from './package/bundled-package.ts';
import { controlFields, OLDEST_GLIBC } from './package/control-fields.ts';
import { deb } from './package/deb.ts';
import { documents } from './package/documents.ts';
import { installedFiles, PROGRAMS } from './package/installed-files.ts';
import { tarball } from './package/tarball.ts';

/**
 * Makes the packages: npm run package [-- --out DIR], by default in out/. Needs no network: everything is in node_modules. The same sources give the same bytes
 * (SOURCE_DATE_EPOCH, or the time of the last commit, is the time of everything in them).
 */
const root = join(import.meta.dirname, '..');
const outFlag = process.argv.indexOf('--out');
const out = outFlag === -1 ? join(root, 'out') : resolve(process.argv[outFlag + 1] ?? '');
const NODE = `node-linux-${process.arch}`;
/** Where node-unix-socket has prebuilt code: the server needs it (docs/dependencies.md). */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' };

function sourceSeconds(): number {
  const given = process.env['SOURCE_DATE_EPOCH'] ?? '';
  const text =
    given !== ''
      ? given
      : execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  if (!/^\d+\s*$/.test(text)) throw new Error(`SOURCE_DATE_EPOCH is seconds since 1970, and not ${text}`);
  return Number(text);
}

const architecture = ARCHITECTURES[process.arch];
if (architecture === undefined) {
  throw new Error(
    `There is no package for ${process.arch}: node-unix-socket has no code for it, only for x64.`,
  );
}
const seconds = sourceSeconds();
const work = join(out, 'work');
rmSync(out, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const built = join(work, 'programs');
const packagesFile = join(work, 'packages.json');
execFileSync(
  process.execPath,
  [
    ...[join(import.meta.dirname, 'build.ts'), '--out', built, '--packages', packagesFile],
    ...['--node', `/${PROGRAMS}/node`, '--client', `/${PROGRAMS}/usercrash-client`],
  ],
  { stdio: 'inherit' },
);
// Without symbols: a seventh less.
const node = join(root, 'node_modules', NODE, 'bin/node');
execFileSync('strip', ['--remove-section=.comment', '-o', join(built, 'node'), node]);
const { outputFiles } = await build({
  ...{ entryPoints: [join(import.meta.dirname, 'package/relocate.ts')], bundle: true, write: false },
  ...{ platform: 'node', format: 'cjs', target: 'node24' },
});

const names = z.array(z.string()).parse(JSON.parse(readFileSync(packagesFile, 'utf8')));
const packages = [...names, NODE].map(bundledPackage);
const version = `${VERSION}+node${bundledPackage(NODE).version}`;
const files = [...installedFiles(built), ...documents({ version: `${version}-1`, packages, seconds })];
const scripts = new Map(
  ['postinst', 'prerm', 'postrm'].map((name) => [name, readFileSync(join(root, 'install/package', name))]),
);
const conffiles = files.map(({ path }) => `/${path}`).filter((path) => path.startsWith('/etc/'));
const fields = controlFields(`${version}-1`, architecture);
const debName = `usercrash_${version}-1_${architecture}.deb`;
writeFileSync(join(out, debName), deb(files, { fields, conffiles, scripts }, seconds));
const directory = `usercrash-${version}-linux-${process.arch}`;
const relocate = outputFiles[0]?.contents ?? new Uint8Array();
writeFileSync(
  join(out, `${directory}.tar.gz`),
  tarball(files, relocate, { directory, glibc: OLDEST_GLIBC, seconds }),
);
rmSync(work, { recursive: true });
process.stdout.write(`${join(out, debName)}\n${join(out, `${directory}.tar.gz`)}\n`);
