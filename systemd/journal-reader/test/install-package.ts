import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '..');
const modules = join(folder, '../../node_modules');
/** What it needs, and a project that is written in TypeScript. */
const NEEDED = ['koffi', `@koromix/koffi-linux-${process.arch}`, '@types/node', 'undici-types'];

/**
 * Makes a project that has installed the package from the tarball that would be published, without a network: the others'
 * tarballs are made of what is installed here. One test file at a time: it makes dist/ anew.
 *
 * @returns The project's directory, which goes at the end.
 */
export async function installPackage(t: { after(fn: () => void): void }): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'journal-package-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const pack = ['pack', '--silent', '--pack-destination', directory];
  const packed = await run('npm', pack, { cwd: folder });
  const others = NEEDED.map((name) => join(modules, name));
  const ready = await run('npm', [...pack, '--ignore-scripts', ...others], { cwd: directory });
  const tarballs = `${packed.stdout}${ready.stdout}`.trim().split('\n');
  writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }');
  const install = ['install', '--silent', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', [...install, ...tarballs.map((name) => `./${name}`)], { cwd: directory });
  return directory;
}
