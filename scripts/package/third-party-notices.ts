import type { BundledPackage } from './bundled-package.ts';

const LINE = '-'.repeat(80);

/** The licences of everything of others that we ship, verbatim; the same text of several packages once. */
export function thirdPartyNotices(packages: readonly BundledPackage[]): string {
  const byText = Map.groupBy(packages, ({ licenceText }) => licenceText.trim());
  const notices = [...byText].map(([text, those]) => {
    const names = those.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    return `${LINE}\n${names.join('\n')}\n\n${text}\n`;
  });
  return `usercrash contains the following, each under its own licence.\n\n${notices.join('\n')}`;
}
