import assert from 'node:assert/strict';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashEvent } from '../../protocol/codec.ts';
import type { ServerConnection } from '../../protocol/server-connection.ts';
import type { TestServer } from './test-server.ts';
import { testEvent } from './test-server.ts';

/** What a client says of a report that it has made. */
export const COMPLETED = {
  signature: 'SIGSEGV | f | main',
  signatureHash: '00112233445566ff',
  analysisMs: 5,
  heldMs: 1,
};

/** The conversation up to the grant. @returns The four descriptors. */
export function begin(connection: ServerConnection, event: CrashEvent): number[] {
  connection.send('crashEvent', event);
  const { descriptors } = connection.receive(['reportGranted'], 5_000);
  assert.equal(descriptors.length, 4);
  return descriptors;
}

export function fill(descriptors: readonly number[], text: string): void {
  for (const [index, name] of ['text', 'json', 'core', 'captured'].entries()) {
    const fd = descriptors[index];
    if (fd !== undefined) writeSync(fd, `${name} ${text}`, 0);
  }
}

export function close(descriptors: readonly number[]): void {
  for (const fd of descriptors) closeSync(fd);
}

/** One crash from beginning to end. @returns The published path. */
export function report(server: TestServer, text: string, event = testEvent()): string {
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, text);
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  connection.receive(['analysisGranted'], 5_000);
  connection.send('completed', COMPLETED);
  const { value } = connection.receive(['published'], 5_000);
  close(descriptors);
  connection.close();
  return value.textPath;
}

/** The history's lines as they stand in its file. */
export function historyLines({ logDir }: { logDir: string }): Record<string, unknown>[] {
  const text = readFileSync(join(logDir, 'history'), 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}
