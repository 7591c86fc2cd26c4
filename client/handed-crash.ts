import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { memfdCreate } from '../linux/memfd-create.ts';
import { MAX_DESCRIPTORS } from '../linux/message-header.ts';
import { recvmsg } from '../linux/recvmsg.ts';
import { sendmsg } from '../linux/sendmsg.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import type { StepsData } from './steps.ts';

/** A captured crash on its way to the process that analyses it: what is no descriptor. */
export interface HandedCrash {
  crashId: string;
  record: CrashRecord;
  steps: StepsData;
  /** The small core as gdb reads it; null where there is none. */
  core: Buffer | null;
  /** What each of the descriptors is, in their order. */
  roles: DescriptorRole[];
}

/** What one of a handed crash's descriptors is. */
export type DescriptorRole =
  | { kind: 'server' | 'text' | 'json' | 'core' | 'captured' | 'other' | 'root' | 'mounts' }
  /** `module` is an index in the record's modules. */
  | { kind: 'module'; module: number; mayBlock: boolean };

/** Says how many descriptors follow, and comes with the crash itself in a file. */
const HEADER_BYTES = 4;

/**
 * Sends a crash to another process of ours.
 *
 * @param descriptors As many as there are roles; ours stay open.
 * @throws {SystemCallError} EPIPE where the other process is gone.
 */
export function sendCrash(socket: number, crash: HandedCrash, descriptors: readonly number[]): void {
  const file = memfdCreate('usercrash-handed');
  try {
    const bytes = serialize(crash);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(descriptors.length);
    sendmsg(socket, header, [file]);
    for (let from = 0; from < descriptors.length; from += MAX_DESCRIPTORS) {
      sendmsg(socket, header, descriptors.slice(from, from + MAX_DESCRIPTORS));
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Waits for a crash.
 *
 * @returns The crash and its descriptors, which are the caller's; null where the sender is gone.
 */
export function receiveCrash(socket: number): { crash: HandedCrash; descriptors: number[] } | null {
  const first = recvmsg(socket, HEADER_BYTES);
  const [file] = first?.descriptors ?? [];
  if (first === null || file === undefined) return null;
  const bytes = Buffer.alloc(fstatSync(file).size);
  for (let at = 0; at < bytes.length; ) {
    const length = readSync(file, bytes, at, bytes.length - at, at);
    if (length === 0) break;
    at += length;
  }
  closeSync(file);
  const descriptors: number[] = [];
  while (descriptors.length < first.body.readUInt32LE(0)) {
    const next = recvmsg(socket, HEADER_BYTES);
    if (next === null) return null;
    descriptors.push(...next.descriptors);
  }
  // The sender is our own resident client.
  return { crash: deserialize(bytes) as HandedCrash, descriptors };
}
