import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { GdbSession } from '../../analysis/gdb/gdb-session.ts';

/** A real gdb in its cage, in which the test does what somebody would do who has taken it over. */
export interface CagedGdb {
  session: GdbSession;
  /** Runs Python in it. @returns What it printed, or gdb's error. */
  python(code: string): Promise<string>;
  close(): void;
}

/** @param given `descriptors` of ours that it inherits from 5 on, `seen` what it sees besides the distribution. */
export function cagedGdb(given: { descriptors?: number[]; seen?: string[] } = {}): CagedGdb {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-cage-'));
  chmodSync(directory, 0o711);
  const root = join(directory, 'root');
  mkdirSync(root);
  const session = new GdbSession({
    gdbPath: 'gdb',
    descriptors: given.descriptors ?? [],
    cwd: directory,
    root,
    seen: [directory, ...(given.seen ?? [])],
    user: process.geteuid?.() === 0 ? cageUser() : null,
    memoryBytes: 512 * 1024 ** 2,
    runMs: 60_000,
    commandMs: 30_000,
    outputBytes: 1024 ** 2,
  });
  return {
    session,
    async python(code) {
      const hex = Buffer.from(code).toString('hex');
      const reply = await session.sendConsole(`python exec(bytes.fromhex('${hex}').decode())`);
      return reply.ok ? reply.text : reply.reason;
    },
    close() {
      session.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
