import { spawn } from 'node:child_process';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ELF_MAGIC } from '../capture/elf/elf-magic.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { openUnnamedSync } from '../linux/unnamed-file.ts';
import { CoreFileError } from './core-file-error.ts';
import { SparseFile } from './sparse-file.ts';

/** A packed core, unpacked into a file without a name. */
export interface UnpackedCore {
  /** The caller closes it, and with it the file is gone. */
  fd: number;
  /** Why it is not all there, in words; null where it is. */
  damage: string | null;
}

/** How a file is packed. */
interface Packing {
  name: string;
  /** First bytes of such a file. */
  magic: Buffer;
  /** Its content, from the beginning of the file on. */
  unpack: (fd: number) => AsyncIterable<Buffer>;
}

/** RFC 8878 3.1.1, RFC 1952 2.3.1, "The .xz file format" 2.1.1.1, "LZ4 frame format". */
const PACKINGS: readonly Packing[] = [
  { name: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: unpackZstd },
  {
    name: 'gzip',
    magic: Buffer.from([0x1f, 0x8b]),
    unpack: unpackGzip,
  },
  {
    name: 'xz',
    magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    // Its own highest level wants 65 MiB.
    unpack: (fd) => unpackBy(fd, ['xz', '--decompress', '--stdout', '--memlimit-decompress=128MiB']),
  },
  {
    name: 'lz4',
    magic: Buffer.from([0x04, 0x22, 0x4d, 0x18]),
    unpack: (fd) => unpackBy(fd, ['lz4', '--decompress', '--stdout']),
  },
];
/** A frame of zstd's that holds no data, but may stand between others: RFC 8878 3.1.2, the last digit is any. */
const SKIPPABLE = 0x184d2a50;
/** Most bytes that a packed core may unpack to (256 GiB): what claims more is made to fill disks. */
const MAX_UNPACKED_BYTES = 256 * 1024 ** 3;
/** Packages that have the programs, by Debian's names. */
const PACKAGES: Readonly<{ [program: string]: string }> = { xz: 'xz-utils', lz4: 'lz4' };
/** Where programs of the system are; nothing of ours or of a user's. */
const SYSTEM_PATH = '/usr/bin:/bin';

/** The name of the way in which a file is packed, null where it is in none that we know. */
export function packingOf(fd: number): string | null {
  return findPacking(fd)?.name ?? null;
}

/**
 * Unpacks a core into a file without a name, because it has to be read here and there; blocks of zeros take no room in it.
 * What came before the damage of a damaged file is kept.
 *
 * @param file `path` for messages, `fd` with its position at the beginning.
 * @param directory Where the unpacked file lies: a disk, not memory.
 * @throws {CoreFileError} Where nothing at all came out, or what is no core, where there is no room, or the program for it is
 *   missing.
 */
export async function unpackCore(
  file: { path: string; fd: number },
  directory: string,
  interrupted: AbortSignal,
): Promise<UnpackedCore> {
  const packing = findPacking(file.fd);
  if (packing === null) throw new CoreFileError(file.path, 'is not packed in a way that is known');
  const fd = openTemporary(directory);
  let damage: string | null = null;
  const target = new SparseFile(fd);
  try {
    try {
      for await (const piece of packing.unpack(file.fd)) {
        interrupted.throwIfAborted();
        // Known before all of it is on the disk.
        if (target.length === 0 && !isBeginningOfElf(piece))
          throw new CoreFileError(
            file.path,
            'is no core: what is packed in it does not begin like an ELF file',
          );
        if (target.length + piece.length > MAX_UNPACKED_BYTES) {
          throw new CoreFileError(file.path, `unpacks to more than the limit of ${MAX_UNPACKED_BYTES} bytes`);
        }
        target.append(piece);
      }
    } catch (error) {
      if (
        error instanceof CoreFileError ||
        interrupted.aborted ||
        hasErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG')
      ) {
        throw error;
      }
      damage = messageOf(error);
    }
    target.end();
    if (target.length === 0)
      throw new CoreFileError(file.path, `cannot be unpacked: ${damage ?? 'it holds nothing'}`);
    return { fd, damage };
  } catch (error) {
    closeSync(fd);
    if (!hasErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) throw error;
    throw new CoreFileError(
      file.path,
      `does not fit into ${directory} unpacked, after ${target.length} bytes`,
      {
        fix: 'another directory in TMPDIR',
        cause: error,
      },
    );
  }
}

function isBeginningOfElf(piece: Buffer): boolean {
  const length = Math.min(piece.length, ELF_MAGIC.length);
  return piece.subarray(0, length).equals(ELF_MAGIC.subarray(0, length));
}

function findPacking(fd: number): Packing | null {
  const first = Buffer.alloc(8);
  readSync(fd, first, 0, first.length, 0);
  return PACKINGS.find(({ magic }) => first.subarray(0, magic.length).equals(magic)) ?? null;
}

function openTemporary(directory: string): number {
  try {
    return openUnnamedSync(directory, { mode: 0o600, group: null });
  } catch (error) {
    throw new CoreFileError(directory, `cannot hold the unpacked core: ${messageOf(error)}`, {
      fix: 'another directory in TMPDIR',
      cause: error,
    });
  }
}

/** A file from `start` on; Node's own stream would close the descriptor. */
function streamOf(fd: number, start: number): Readable {
  return Readable.from(piecesOf(fd, start), { objectMode: false });
}

function* piecesOf(fd: number, start: number): Generator<Buffer> {
  for (let at = start; ; ) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const length = readSync(fd, piece, 0, PIECE_BYTES, at);
    if (length === 0) return;
    at += length;
    yield piece.subarray(0, length);
  }
}

const PIECE_BYTES = 256 * 1024;

function unpackGzip(fd: number): AsyncIterable<Buffer> {
  const unpacker = createGunzip();
  streamOf(fd, 0)
    .on('error', (error) => unpacker.destroy(error))
    .pipe(unpacker);
  return unpacker;
}

/** Node's own unpacker stops after the first frame; pzstd writes many, and so does who joins two files. */
async function* unpackZstd(fd: number): AsyncGenerator<Buffer> {
  const { size } = fstatSync(fd);
  let start = 0;
  while (start < size && isZstdFrame(fd, start)) {
    const source = streamOf(fd, start);
    const unpacker = createZstdDecompress();
    // What follows the frame is an error to it, which comes after its end: then nobody looks any more.
    unpacker.on('error', () => undefined);
    source.on('error', (error) => unpacker.destroy(error)).pipe(unpacker);
    try {
      yield* unpacker as AsyncIterable<Buffer>; // A stream of bytes: no encoding is set.
    } finally {
      source.destroy();
    }
    start += Math.max(1, unpacker.bytesWritten);
  }
  if (start < size) throw new Error(`the ${size - start} bytes behind its last frame are not packed`);
}

function isZstdFrame(fd: number, at: number): boolean {
  const magic = Buffer.alloc(4);
  readSync(fd, magic, 0, magic.length, at);
  return PACKINGS[0]?.magic.equals(magic) === true || (magic.readUInt32LE(0) & ~0xf) >>> 0 === SKIPPABLE;
}

/** By a program of the system, which gets the file as its stdin and nothing else of ours. */
async function* unpackBy(fd: number, [program = '', ...args]: readonly string[]): AsyncGenerator<Buffer> {
  const child = spawn(program, args, {
    stdio: [fd, 'pipe', 'pipe'],
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
  });
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += text.toString('latin1');
  });
  const ended = new Promise<Error | null>((resolve) => {
    child.once('error', (error) => resolve(notStarted(program, error)));
    child.once('close', (code) => {
      const [line = ''] = complaint.trim().split('\n');
      resolve(code === 0 ? null : new Error(line === '' ? `${program} ended with ${code}` : line));
    });
  });
  try {
    if (child.stdout !== null) yield* child.stdout as AsyncIterable<Buffer>; // As above.
    const failure = await ended;
    if (failure !== null) throw failure;
  } finally {
    child.kill('SIGKILL');
  }
}

const MAX_COMPLAINT = 4096;

function notStarted(program: string, error: Error): Error {
  if (!hasErrno(error, 'ENOENT')) return error;
  return new CoreFileError(program, 'is not installed, and the core is packed with it', {
    fix: `apt-get install ${PACKAGES[program] ?? program}`,
    cause: error,
  });
}
