import { createHash } from 'node:crypto';
import type { BundledPackage } from './bundled-package.ts';

/** In process.versions, and no code: numbers of interfaces, and data. */
const NO_LIBRARIES = new Set(['modules', 'napi', 'unicode', 'cldr', 'tz']);
/** What they call themselves, and vulnerabilities are filed under, where Node has another name. */
const NAMES: Readonly<Record<string, string>> = { ares: 'c-ares', uv: 'libuv' };

/**
 * The bill of materials of a package, as CycloneDX 1.5 JSON: what a scanner holds against lists of known vulnerabilities.
 *
 * @param product Ours: its version and what it is distributed under.
 * @param packages Everything of others in it, Node's own package among them.
 * @param node `process.versions` of the Node that is shipped: what is inside it.
 * @param seconds When it was made, since the epoch.
 */
export function sbom(
  product: { version: string; licence: string; seconds: number },
  packages: readonly BundledPackage[],
  node: Readonly<Record<string, string>>,
): string {
  const components = [
    ...packages.map(({ name, version, licence, sha512 }) => ({
      ...{ type: 'library', 'bom-ref': purl(name, version), name, version, purl: purl(name, version) },
      licenses: [{ expression: licence }],
      ...(sha512 === null ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
    })),
    ...Object.entries(node).flatMap(([key, inside]) => {
      if (inside === '' || NO_LIBRARIES.has(key)) return [];
      const name = NAMES[key] ?? key;
      const reference = `pkg:generic/${name}@${inside}`;
      return [{ type: 'library', 'bom-ref': reference, name, version: inside, purl: reference }];
    }),
  ];
  const { version, licence, seconds } = product;
  const content = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      component: {
        ...{ type: 'application', 'bom-ref': 'usercrash', name: 'usercrash', version },
        licenses: [{ expression: licence }],
      },
    },
    components,
  };
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const { bomFormat, ...rest } = content;
  return `${JSON.stringify({ bomFormat, serialNumber: `urn:uuid:${uuid(digest)}`, ...rest }, null, 2)}\n`;
}

/** https://github.com/package-url/purl-spec: the @ of a scope is written %40. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** RFC 9562, version 8: of bytes of our choice, so that the same package has the same number. */
function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
