import { constants, openSync } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { readBuildId } from './build-id.ts';
import type { CoreHead, LoadedModule, MappedFile } from './captured.ts';
import type { LinkMap } from './link-map.ts';
import type { Address, DumpedMemory } from './process-memory.ts';

/** The kernel's mark on the path of a file that was unlinked or replaced: fs/d_path.c. */
const DELETED = Buffer.from(' (deleted)');
/** Descriptors that are opened while a process is held; libraries beyond have no file of their own in the analysis. */
const MAX_OPENED = 512;

/** The mappings of one file that follow one another: a loaded executable or library. */
interface Image {
  start: Address;
  end: Address;
  path: Buffer;
}

/**
 * The loaded files: the dynamic linker's names for them joined with the kernel's mappings, with their build-ids.
 *
 * @param files NT_FILE.
 */
export function findModules(
  head: Pick<CoreHead, 'files' | 'auxv'>,
  linkMap: LinkMap,
  memory: DumpedMemory,
): LoadedModule[] {
  const images = imagesOf(head.files);
  // AT_ENTRY (9) lies in the executable's text, whatever it is called.
  const entry = Number(head.auxv.get(9n) ?? 0n);
  const executable = imageAt(images, entry);
  const modules: LoadedModule[] = [];
  const taken = new Set<Image>();
  const add = (image: Image, name: Buffer, base: Address, isExecutable: boolean) => {
    taken.add(image);
    const deleted = image.path.subarray(-DELETED.length).equals(DELETED);
    const path = deleted ? image.path.subarray(0, -DELETED.length) : image.path;
    modules.push({
      name: name.length > 0 ? name : path,
      isExecutable,
      base: BigInt(base),
      start: BigInt(image.start),
      end: BigInt(image.end),
      buildId: readBuildId((offset, length) => memory.read(image.start + offset, length), true),
      path,
      deleted,
      fd: null,
    });
  };
  if (executable !== null) add(executable, Buffer.alloc(0), linkMap.executableBase, true);
  for (const { base, name, dynamic } of linkMap.entries) {
    const image = imageAt(images, dynamic);
    // The vdso is in the list and has no file.
    if (image !== null && !taken.has(image)) add(image, name, base, false);
  }
  return modules;
}

/**
 * Opens the very file of every module, through /proc, while the process is held: right also when its path was deleted,
 * replaced, or means another file outside of the process's mount namespace.
 *
 * @returns What could not be opened, in words for the report.
 */
export function openModules(
  pid: number,
  modules: readonly LoadedModule[],
  files: readonly MappedFile[],
): string[] {
  const failures: string[] = [];
  const ranges = new Map(files.map((file) => [file.start, file]));
  for (const [index, module] of modules.entries()) {
    if (index >= MAX_OPENED) {
      failures.push(`${modules.length - index} more loaded files were not opened`);
      break;
    }
    const file = ranges.get(module.start);
    const range = file === undefined ? '' : `${file.start.toString(16)}-${file.end.toString(16)}`;
    try {
      const path = module.isExecutable ? `/proc/${pid}/exe` : `/proc/${pid}/map_files/${range}`;
      module.fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      failures.push(`${module.path?.toString('latin1')}: ${messageOf(error)}`);
    }
  }
  return failures;
}

function imagesOf(files: readonly MappedFile[]): Image[] {
  const images: Image[] = [];
  let last: Image | undefined;
  for (const file of files) {
    const [start, end] = [Number(file.start), Number(file.end)];
    // A second mapping of the same file from its beginning is another image (dlmopen, a reader's mmap).
    if (last?.path.equals(file.path) && file.offset > 0n && start >= last.end) {
      last.end = end;
    } else {
      last = { start, end, path: file.path };
      images.push(last);
    }
  }
  return images;
}

function imageAt(images: readonly Image[], address: Address): Image | null {
  return images.find(({ start, end }) => address >= start && address < end) ?? null;
}
