import { UsercrashError } from '../../errors/usercrash-error.ts';
import { HANDOVER_IMAGE } from './handover.gen.ts';

/** PATH_MAX (linux/limits.h), with the closing zero byte. */
const MAX_PATH_BYTES = 4096;
/** Where handover.s has p_filesz and p_memsz of its only loaded segment. */
const FILE_SIZE_OFFSET = 64 + 32;
const MEMORY_SIZE_OFFSET = 64 + 40;

/**
 * The program that core_pattern names on x86-64, a static ELF file of less than a page: see handover.s.
 *
 * @param client Absolute path of the client that it becomes where there is no resident client.
 * @throws {UsercrashError} E_HANDOVER where the path is none.
 */
export function handoverProgram(client: string): Buffer {
  const path = Buffer.from(`${client}\0`, 'utf8');
  if (!client.startsWith('/') || client.includes('\0') || path.length > MAX_PATH_BYTES) {
    throw new UsercrashError('E_HANDOVER', `${JSON.stringify(client)} is no absolute path of a program`);
  }
  const program = Buffer.concat([Buffer.from(HANDOVER_IMAGE, 'hex'), path]);
  program.writeBigUInt64LE(BigInt(program.length), FILE_SIZE_OFFSET);
  program.writeBigUInt64LE(BigInt(program.length), MEMORY_SIZE_OFFSET);
  return program;
}
