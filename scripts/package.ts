import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
 * Makes the packages: npm run package [-- --out DIR], by default in out/, instead of those that are there. Needs no network: everything is
 * in node_modules. The same sources give the same bytes (SOURCE_DATE_EPOCH, or the time of the last commit, is the time of everything in
 * them).
 */
const root = join(import.meta.dirname, '..');
const outFlag = process.argv.indexOf('--out');
const out = outFlag === -1 ? join(root, 'out') : resolve(process.argv[outFlag + 1] ?? '');
const NODE = `node-linux-${process.arch}`;
const NODE_BINARY = join(root, 'node_modules', NODE, 'bin/node');
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
mkdirSync(out, { recursive: true });
for (const old of globSync(['usercrash_*.deb', 'usercrash-*.tar.gz'], { cwd: out })) rmSync(join(out, old));
const work = mkdtempSync(join(out, '.work-'));
try {
  await makePackages(architecture);
} finally {
  rmSync(work, { recursive: true });
}

async function makePackages(debArchitecture: string): Promise<void> {
  const { built, packageNames } = buildPrograms();
  const packages = [...packageNames, NODE].map(bundledPackage);
  const version = `${VERSION}+node${bundledPackage(NODE).version}`;
  const inside = execFileSync(NODE_BINARY, ['--print', 'JSON.stringify(process.versions)'], {
    encoding: 'utf8',
  });
  const node = z.record(z.string(), z.string()).parse(JSON.parse(inside));
  const files = [
    ...installedFiles(built),
    ...documents({ version: `${version}-1`, packages, node, seconds }),
  ];
  const scripts = new Map(
    ['preinst', 'postinst', 'prerm', 'postrm'].map((name) => [
      name,
      readFileSync(join(root, 'install/package', name)),
    ]),
  );
  const conffiles = files.map(({ path }) => `/${path}`).filter((path) => path.startsWith('/etc/'));
  const fields = controlFields(`${version}-1`, debArchitecture);
  write(`usercrash_${version}-1_${debArchitecture}.deb`, deb(files, { fields, conffiles, scripts }, seconds));
  const directory = `usercrash-${version}-linux-${process.arch}`;
  const made = { directory, glibc: OLDEST_GLIBC, seconds };
  write(`${directory}.tar.gz`, tarball(files, await relocateProgram(), made));
}

/** @returns Where the programs are, with their Node, and the npm packages of which something is in them. */
function buildPrograms(): { built: string; packageNames: string[] } {
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
  execFileSync('strip', ['--remove-section=.comment', '-o', join(built, 'node'), NODE_BINARY]);
  return { built, packageNames: z.array(z.string()).parse(JSON.parse(readFileSync(packagesFile, 'utf8'))) };
}

async function relocateProgram(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(import.meta.dirname, 'package/relocate.ts')], bundle: true, write: false },
    ...{ platform: 'node', format: 'cjs', target: 'node24' },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild has made no file of relocate.ts');
  return file.contents;
}

function write(name: string, bytes: Uint8Array): void {
  const path = join(out, name);
  writeFileSync(path, bytes);
  process.stdout.write(`${path}\n`);
}
