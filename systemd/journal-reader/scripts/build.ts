/**
 * Makes `dist/`, which is what the package consists of: one JavaScript file, as that loads faster than twelve, and the
 * declarations. Node does not run TypeScript below node_modules. `npm pack` and `npm publish` call this first.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

const folder = join(import.meta.dirname, '..');
const dist = join(folder, 'dist');
const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
buildSync({
  entryPoints: [join(folder, 'src/index.ts')],
  outfile: join(dist, 'index.js'),
  bundle: true,
  packages: 'external',
  alias: { koffi: join(folder, 'src/koffi-addon.ts') },
  define: { KOFFI_VERSION: JSON.stringify(dependencies.koffi) },
  platform: 'node',
  format: 'esm',
  target: 'node20',
});

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const project = join(folder, 'tsconfig.build.json');
execFileSync(process.execPath, [compiler, '-p', project, '--outDir', dist], { stdio: 'inherit' });
// The compiler leaves the names of imported files in declarations as they are.
for (const name of readdirSync(dist).filter((file) => file.endsWith('.d.ts'))) {
  const path = join(dist, name);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
}
