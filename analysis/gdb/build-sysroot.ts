import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrno } from '../../linux/system-call-error.ts';

/** A file that gdb shall find under a name. */
export interface SysrootFile {
  /** As the dynamic linker has it: chosen by the crashed program, any bytes. */
  name: Buffer;
  /** The descriptor under which gdb has it. */
  descriptor: number;
}

/** A directory tree in which every file is a symlink to a descriptor of the process that looks at it. */
export interface Sysroot {
  /** The directory that all of it lies in. */
  top: string;
  /** Empty: for the mount of the cage's root. */
  root: string;
  /** For absolute names: gdb's `sysroot`. */
  absolute: string;
  /** For names like `./plugin.so`: gdb's `solib-search-path`. */
  relative: string;
  /** Holds what shall lie beside gdb, and is deep enough that `../../x` from it still leads nowhere. */
  cwd: string;
  /** The files that were not given, and why. */
  rejected: { name: Buffer; reason: string }[];
  /** Removes it; nothing is left to do where it is gone already. */
  remove(): void;
}

/** PATH_MAX with room for our own prefix. */
const MAX_NAME_BYTES = 3500;
const MAX_COMPONENTS = 64;
/** Levels that a relative name may climb. */
const DEPTH = 16;

/**
 * Makes the tree. Names are never text of a command, only names of symlinks, and none of them can lead out of the
 * tree or through another of its symlinks: a name that tries is rejected.
 *
 * @param files At most some thousand.
 * @param beside Relative names that gdb looks for in its working directory.
 * @param isForOthers Whether another user's gdb shall find its way in it; it may search but not list it.
 * @throws Node's error where the temporary directory cannot be written.
 */
export function buildSysroot(
  files: readonly SysrootFile[],
  isForOthers: boolean,
  beside: readonly SysrootFile[] = [],
): Sysroot {
  const top = temporaryDirectory();
  const deep = join(...Array.from({ length: DEPTH }, () => 'd'));
  const sysroot: Sysroot = {
    top,
    root: join(top, 'root'),
    absolute: join(top, 'absolute'),
    relative: join(top, 'relative', deep),
    cwd: join(top, 'cwd', deep),
    rejected: [],
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
  try {
    if (isForOthers) chmodSync(top, 0o711);
    for (const directory of [sysroot.root, sysroot.absolute, sysroot.relative, sysroot.cwd]) {
      mkdirSync(directory, { recursive: true, mode: 0o711 });
    }
    const levels = (name: string) =>
      Array.from({ length: DEPTH }, (_, up) =>
        latin1(join(top, name, ...Array.from({ length: up }, () => 'd'))),
      );
    const [climbable, climbableCwd] = [levels('relative'), levels('cwd')];
    const [relative, cwd] = [latin1(sysroot.relative), latin1(sysroot.cwd)];
    const tree = new Tree([...climbable, ...climbableCwd, relative, cwd]);
    for (const file of beside) {
      const reason = tree.link(cwd, climbableCwd, file);
      if (reason !== null) sysroot.rejected.push({ name: file.name, reason });
    }
    for (const { name, descriptor } of files) {
      const isAbsolute = name[0] === SLASH;
      const root = isAbsolute ? latin1(sysroot.absolute) : relative;
      const reason = tree.link(root, isAbsolute ? [] : climbable, { name, descriptor });
      if (reason !== null) sysroot.rejected.push({ name, reason });
    }
  } catch (error) {
    sysroot.remove();
    throw error;
  }
  return sysroot;
}

/** Where the environment says, or where anybody may: who analyses is not who was told where temporary files go. */
function temporaryDirectory(): string {
  const places = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  for (;;) {
    const place = places.shift() ?? '/tmp';
    try {
      return mkdtempSync(join(place, 'usercrash-sysroot-'));
    } catch (error) {
      if (places.length === 0 || !hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOSPC'))
        throw error;
    }
  }
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
