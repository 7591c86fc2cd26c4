import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { messageOf } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** Values of one setting, each as somebody would write it as a flag, and where they stand. */
export interface Given {
  texts: string[];
  /** For a person: `/etc/usercrash/usercrash.toml:12`. */
  origin: string;
}

/** What the files say. */
export interface ConfigFiles {
  /** By name; what a later file says replaces what an earlier one did. */
  given: Map<string, Given>;
  /** In words, with file and line, what of them could not be used. */
  problems: string[];
  /** Whether there is a file of which nothing could be used, so that nobody knows what it says. */
  isIncomplete: boolean;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Reads the configuration file and then the drop-ins beside it (`usercrash.toml.d/*.toml`, by name). Never throws: a file that is
 * wrong must not keep anybody from collecting crashes.
 *
 * A file that somebody else than root, or than ourselves, could write to is not used: it names programs that root runs.
 */
export function readConfigFiles(path: string): ConfigFiles {
  const files: ConfigFiles = { given: new Map(), problems: [], isIncomplete: false };
  for (const file of [path, ...dropIns(`${path}.d`, files)]) readInto(files, file);
  return files;
}

function dropIns(directory: string, files: ConfigFiles): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.toml') && !name.startsWith('.'));
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) fail(files, `${directory}: ${messageOf(error)}`);
    return [];
  }
}

function readInto(files: ConfigFiles, path: string): void {
  let text: string;
  try {
    text = readTrusted(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) fail(files, `${path}: ${messageOf(error)}`);
    return;
  }
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.split('\n');
    fail(files, `${path}:${error.line}: ${what.replace(/^Invalid TOML document: /, '')}`);
    return;
  }
  for (const [name, value] of Object.entries(table)) {
    const origin = `${path}:${lineOf(text, name)}`;
    const values = Array.isArray(value) ? value : [value];
    if (values.every(isPlain)) files.given.set(name, { texts: values.map(String), origin });
    else fail(files, `${origin}: ${name} is neither a text, a number, true, false nor a list of them`);
  }
}

function fail(files: ConfigFiles, problem: string): void {
  files.problems.push(problem);
  files.isIncomplete = true;
}

function isPlain(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

/** @throws {Error} In words, where it is not root's alone, or no file. */
function readTrusted(path: string): string {
  // A pipe that lies there by mistake must not be waited for.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    const { uid, mode, size } = stats;
    if (!stats.isFile()) throw new Error('it is not a file');
    if (uid !== 0 && uid !== process.geteuid?.())
      throw new Error(`it belongs to uid ${uid}, and not to root`);
    if ((mode & 0o022) !== 0) throw new Error(`others may write to it: chmod go-w ${basename(path)}`);
    if (size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** The line on which a top-level key is set; 1 where it is written in a way that is not looked for. */
function lineOf(text: string, name: string): number {
  const key = name.replaceAll(/[^\w-]/g, '.');
  const index = text
    .split('\n')
    .findIndex((line) => new RegExp(`^\\s*\\[?\\s*["']?${key}["']?\\s*[=\\].]`).test(line));
  return Math.max(index, 0) + 1;
}
