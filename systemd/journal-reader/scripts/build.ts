/**
 * Makes `dist/`, the folder that is published: JavaScript, in one file as that loads in half the time, and declarations, since Node runs no TypeScript below
 * node_modules. The checkout's own package.json stays on the sources and is private, so that it cannot be
 * published by mistake: `npm run build && npm publish ./dist`. An argument names another folder to make.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const folder = join(import.meta.dirname, '..');
const dist = resolve(process.argv[2] ?? join(folder, 'dist'));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
buildSync({
  entryPoints: [join(folder, 'src/index.ts')],
  outfile: join(dist, 'index.js'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
});

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = join(folder, 'tsconfig.build.json');
execFileSync(process.execPath, [compiler, '-p', project, '--outDir', dist], { stdio: 'inherit' });
// The compiler leaves import specifiers in declarations as they are.
for (const name of readdirSync(dist).filter((file) => file.endsWith('.d.ts'))) {
  const path = join(dist, name);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}

const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
delete manifest.private;
delete manifest.scripts;
manifest.exports = {
  '.': { types: './index.d.ts', default: './index.js' },
  './package.json': './package.json',
};
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE'])
  copyFileSync(join(folder, file), join(dist, file));
