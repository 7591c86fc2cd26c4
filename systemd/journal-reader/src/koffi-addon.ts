import { createRequire } from 'node:module';

/** The version of koffi in package.json; the build puts it here. */
declare const KOFFI_VERSION: string;

const require = createRequire(import.meta.url);

/**
 * koffi without its own search for its addon, which takes 8 ms at every start and is most of what loading this package
 * would take: the build puts this file in koffi's place. What koffi's wrapper adds to the addon is not used here.
 */
function loadKoffi(): unknown {
  const name = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
  // npm puts it beside us, pnpm beside koffi.
  for (const findRequire of [() => require, () => createRequire(require.resolve('koffi'))]) {
    try {
      const addon = findRequire()(name);
      if (addon.version === KOFFI_VERSION) return addon;
    } catch {
      // Not here. Or nowhere, as it is one for another C library or was compiled at installation: koffi finds it.
    }
  }
  return require('koffi');
}

// biome-ignore lint/style/noDefaultExport: it takes the place of a package that has one.
export default loadKoffi();
