import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SYSROOT_DEPTH, type SysrootPlace } from './sysroot-place.ts';

/** A file that gdb shall find under a name. */
export interface SysrootFile {
  /** As the dynamic linker has it: chosen by the crashed program, any bytes. */
  name: Buffer;
  /** The descriptor under which gdb has it. */
  descriptor: number;
}

/** A directory tree in which every file is a symlink to a descriptor of the process that looks at it. */
export interface Sysroot extends SysrootPlace {
  /** The files that were not given, and why. */
  rejected: { name: Buffer; reason: string }[];
}

/** PATH_MAX with room for our own prefix. */
const MAX_NAME_BYTES = 3500;
const MAX_COMPONENTS = 64;

/**
 * Fills the tree. Names are never text of a command, only names of symlinks, and none of them can lead out of the
 * tree or through another of its symlinks: a name that tries is rejected.
 *
 * @param files At most some thousand.
 * @param place Removed where it fails.
 * @throws Node's error where the temporary directory cannot be written.
 */
export function buildSysroot(files: readonly SysrootFile[], place: SysrootPlace): Sysroot {
  const { top } = place;
  const sysroot: Sysroot = { ...place, rejected: [] };
  try {
    const climbable = Array.from({ length: SYSROOT_DEPTH }, (_, up) =>
      latin1(join(top, 'cwd', ...Array.from({ length: up }, () => 'd'))),
    );
    const [absolute, cwd] = [latin1(sysroot.absolute), latin1(sysroot.cwd)];
    const tree = new Tree([...climbable, absolute, cwd]);
    for (const { name, descriptor } of files) {
      const isAbsolute = name[0] === SLASH;
      const reason = tree.link(isAbsolute ? absolute : cwd, isAbsolute ? [] : climbable, {
        name,
        descriptor,
      });
      if (reason !== null) sysroot.rejected.push({ name, reason });
    }
  } catch (error) {
    sysroot.remove();
    throw error;
  }
  return sysroot;
}

const SLASH = 0x2f;

/** Paths are kept with each byte as one character: they need not be UTF-8. */
const latin1 = (path: string) => Buffer.from(path, 'utf8').toString('latin1');

class Tree {
  /** What we made, as latin1: a component that is anything else (a symlink to one of our descriptors!) is no way. */
  readonly #directories: Set<string>;
  readonly #links = new Set<string>();

  constructor(directories: readonly string[]) {
    this.#directories = new Set(directories);
  }

  /**
   * Why there is no symlink at the name now, null where there is one.
   *
   * @param above The directories above `root` that the name may climb to, the topmost first.
   */
  link(root: string, above: readonly string[], { name, descriptor }: SysrootFile): string | null {
    const components = name.toString('latin1').split('/');
    const file = components.pop() ?? '';
    if (name.length > MAX_NAME_BYTES || components.length > MAX_COMPONENTS) return 'its name is too long';
    if (file === '' || file === '.' || file === '..' || name.includes(0)) return 'its name is no file name';
    let path = root;
    const parents = [...above];
    try {
      for (const component of components) {
        if (component === '' || component === '.') continue;
        if (component === '..') {
          const parent = parents.pop();
          if (parent === undefined) return 'its name leads out of the root directory';
          path = parent;
          continue;
        }
        parents.push(path);
        path += `/${component}`;
        if (this.#directories.has(path)) continue;
        mkdirSync(Buffer.from(path, 'latin1'), { mode: 0o711 });
        this.#directories.add(path);
      }
      const link = `${path}/${file}`;
      // The first of a name counts, as it does for the dynamic linker.
      if (this.#links.has(link)) return null;
      symlinkSync(`/proc/self/fd/${descriptor}`, Buffer.from(link, 'latin1'));
      this.#links.add(link);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message.replace(/, .*$/s, '') : String(error);
    }
  }
}
