import type { LoadedModule } from '../../capture/captured.ts';
import { textOfBytes } from '../../report/bytes-text.ts';
import { fetchFile } from './fetch-file.ts';

/**
 * For a file whose file system may not answer, all of them at once: NFS on a busy network gives 50 MB/s. Only the first
 * are tried: each is a process and a copy in memory.
 */
const FETCH_MS = 3000;
const MAX_FETCHED = 32;

/**
 * Modules whose file may not answer get a copy of it as their descriptor, which is the caller's to close, or none.
 *
 * @returns `notes` says in words for the report which have none.
 */
export async function fetchModules(
  modules: readonly LoadedModule[],
): Promise<{ modules: LoadedModule[]; notes: string[] }> {
  const notes: string[] = [];
  const tried = new Set(modules.filter(({ mayBlock }) => mayBlock).slice(0, MAX_FETCHED));
  const fetched = await Promise.all(
    modules.map(async (module) => {
      if (!module.mayBlock || module.fd === null) return module;
      const copy = tried.has(module) ? await fetchFile(module.fd, FETCH_MS) : { failure: 'not fetched' };
      if (typeof copy === 'number') return { ...module, fd: copy };
      notes.push(`${textOfBytes(module.path ?? module.name)}: ${copy.failure}, so its symbols were not used`);
      return { ...module, fd: null };
    }),
  );
  return { modules: fetched, notes };
}
