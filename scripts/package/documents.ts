import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ArchiveEntry } from './archive.ts';
import type { BundledPackage } from './bundled-package.ts';
import { MAINTAINER } from './control-fields.ts';
import { sbom } from './sbom.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

const root = join(import.meta.dirname, '../..');
const DIRECTORY = 'usr/share/doc/usercrash';

/** What a package says of itself: copyright, changes, the licences of others, and what it consists of. */
export function documents(product: {
  version: string;
  packages: readonly BundledPackage[];
  /** `process.versions` of the Node in it. */
  node: Readonly<Record<string, string>>;
  /** The time of everything in the package, since the epoch. */
  seconds: number;
}): ArchiveEntry[] {
  const { version, packages, node, seconds } = product;
  const date = new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
  const changelog = `usercrash (${version}) unstable; urgency=medium

  * Version ${version}; what is new is in changelog.gz.

 -- ${MAINTAINER}  ${date}
`;
  return [
    document('copyright', copyright(packages)),
    document('changelog.gz', readFileSync(join(root, 'CHANGELOG.md'), 'utf8')),
    document('changelog.Debian.gz', changelog),
    document('third-party-notices.gz', thirdPartyNotices(packages)),
    document('usercrash.cdx.json', sbom({ version, licence: 'Apache-2.0', seconds }, packages, node)),
    {
      path: 'usr/share/lintian/overrides/usercrash',
      mode: 0o644,
      what: { bytes: readFileSync(join(root, 'install/package/lintian-overrides')) },
    },
  ];
}

function document(name: string, text: string): ArchiveEntry {
  const bytes = name.endsWith('.gz') ? gzipSync(text, { level: 9 }) : Buffer.from(text);
  return { path: `${DIRECTORY}/${name}`, mode: 0o644, what: { bytes } };
}

/** Debian's form: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ */
function copyright(packages: readonly BundledPackage[]): string {
  const names = packages.map(({ name, version, licence }) => `  ${name} ${version}: ${licence}`);
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: usercrash
Comment: The programs in /usr/lib/usercrash contain the following, whose
 copyright notices and licences are in third-party-notices.gz beside this file:
${names.join('\n')}

Files: *
Copyright: 2026 usercrash developers
License: Apache-2.0
 On Debian systems the full text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;
}
