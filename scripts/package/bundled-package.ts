import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** An npm package of which something is in what we ship. */
export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression. */
  licence: string;
  /** Its licence and copyright, verbatim. */
  licenceText: string;
  /** SHA-512 of the package as npm has it, in hex; null where the lock file has none. */
  sha512: string | null;
}

const root = join(import.meta.dirname, '../..');
/** Where the licences are of packages that are one platform's part of another, and of what was compiled into them. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  [`@koromix/koffi-linux-${process.arch}`]: [
    'koffi/LICENSE.txt',
    'koffi/vendor/node-addon-api/LICENSE.md',
    'koffi/vendor/node-api-headers/LICENSE',
  ],
  [`node-unix-socket-linux-${process.arch}-gnu`]: ['node-unix-socket/LICENSE'],
};
const manifestSchema = z.object({ version: z.string(), license: z.string() });
const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

/**
 * What an installed package says of itself, and package-lock.json of it.
 *
 * @throws {Error} If it is not installed, or has no licence.
 */
export function bundledPackage(name: string): BundledPackage {
  const directory = join(root, 'node_modules', name);
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  const lock = lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const [algorithm, digest = ''] = lock.packages[`node_modules/${name}`]?.integrity?.split('-') ?? [];
  const own = () => readdirSync(directory).filter((file) => /^licen[cs]e/i.test(file));
  const files = ELSEWHERE[name] ?? own().map((file) => `${name}/${file}`);
  if (files.length === 0) throw new Error(`${name} has no file with its licence`);
  return {
    ...{ name, version: manifest.version, licence: manifest.license },
    licenceText: files.map((file) => readFileSync(join(root, 'node_modules', file), 'utf8')).join('\n'),
    sha512: algorithm === 'sha512' ? Buffer.from(digest, 'base64').toString('hex') : null,
  };
}
