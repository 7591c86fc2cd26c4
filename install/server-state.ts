import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { hasErrno } from '../linux/system-call-error.ts';
import { STATUS_FILE } from '../server/ledger/status-file.ts';

const count = z.number().int().nonnegative();
const value = z.union([z.string(), z.number()]);
const sysctl = z.object({ wanted: value.nullable(), now: value, changes: count, takenBack: count });

/** What of status.json is shown; docs/operations.md has the whole. */
const statusSchema = z.object({
  version: z.string(),
  state: z.enum(['running', 'stopped']),
  pid: z.number().int().positive(),
  startedAt: z.string(),
  crashes: z.object({ told: z.record(z.string(), count).default({}), lastAt: z.string().nullable() }),
  work: z.object({ inProgress: count, waiting: count, evicted: count.default(0) }),
  corePattern: sysctl,
  corePipeLimit: sysctl,
  ledger: z.object({
    ...{ state: z.string(), why: z.string().nullable() },
    ...{ seen: count, lost: count, open: count, undumped: count, missed: count, gaps: count },
  }),
  configurationProblems: z.array(z.string()),
});

export type ServerStatus = z.infer<typeof statusSchema>;

/** How the server is, by its status.json and by its process. */
export interface ServerState {
  /** `killed`: it ended without saying so. `never`: none has run since the machine started. `hidden`: only root may know. */
  state: 'running' | 'stopped' | 'killed' | 'never' | 'hidden';
  /** As it last said; null where nothing is known. */
  status: ServerStatus | null;
}

/** Looks without asking the server, which may hang. @throws Node's error where the file is there and cannot be read. */
export function serverState(runDir: string): ServerState {
  let text: string;
  try {
    text = readFileSync(join(runDir, STATUS_FILE), 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return { state: 'never', status: null };
    if (hasErrno(error, 'EACCES')) return { state: 'hidden', status: null };
    throw error;
  }
  const status = statusOf(text);
  if (status === null) return { state: 'never', status };
  if (status.state === 'stopped') return { state: 'stopped', status };
  return { state: isServer(status.pid) ? 'running' : 'killed', status };
}

function statusOf(text: string): ServerStatus | null {
  try {
    return statusSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // Torn, or another version's: as if no server had run.
  }
}

/** A pid is used again. */
function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('usercrash-server');
  } catch {
    return false; // There is no such process.
  }
}
