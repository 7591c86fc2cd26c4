import { Socket } from 'node:net';
import { SourceFiles } from '../../analysis/gdb/source-files.ts';
import { analyseWithGdb } from '../../analysis/run-gdb.ts';
import type { Captured } from '../../capture/captured.ts';

/** What gdb says first. */
const GREETING = '=thread-group-added';

/**
 * Has the real gdb look at a core, and keeps what it prints. gdb sits in a cage in which nothing can be written, so it is kept
 * where we read it: every pipe's bytes are, and gdb's are told by how they begin.
 *
 * @throws {Error} Where the analysis lacks something: it would be a poor example.
 */
export async function recordGdb({ core, head, modules }: Captured): Promise<Buffer> {
  const said = new Map<Socket, Buffer[]>();
  const push = Socket.prototype.push;
  Socket.prototype.push = function (this: Socket, chunk: unknown, ...rest: [BufferEncoding?]) {
    if (Buffer.isBuffer(chunk)) said.set(this, [...(said.get(this) ?? []), Buffer.from(chunk)]);
    return push.call(this, chunk, ...rest);
  };
  const sourceFiles = new SourceFiles(null);
  try {
    const others = { mappings: [], threadNames: new Map(), sourceFiles };
    const { bytes = null, gaps = [] } = core ?? {};
    const sections = await analyseWithGdb({ core: bytes, gaps, head, modules, ...others });
    const lacking = [...Object.entries(sections.missing), ...sections.notes].filter(
      ([what]) => what !== 'source', // Nobody reads files for it here.
    );
    if (lacking.length > 0 || sections.threads.some(({ frames }) => frames === null))
      throw new Error(`the analysis lacks something: ${JSON.stringify(lacking)}`);
  } finally {
    Socket.prototype.push = push;
    sourceFiles.close();
  }
  const outputs = [...said.values()].map((parts) => Buffer.concat(parts));
  return outputs.find((bytes) => bytes.includes(GREETING)) ?? Buffer.alloc(0);
}
