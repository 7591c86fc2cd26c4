import { readlinkSync } from 'node:fs';
import { becomeUnprivileged } from '../../analysis/become-unprivileged.ts';
import { GdbSession } from '../../analysis/gdb/gdb-session.ts';
import { prepareGdb } from '../../analysis/gdb/prepared-gdb.ts';
import { DEFAULT_GDB_LIMITS } from '../../analysis/run-gdb.ts';
import { memfdCreate } from '../../linux/memfd-create.ts';

/** Prints what a cage is like that root has prepared, for a process that is not root any more when it uses it. */
const prepared = prepareGdb(DEFAULT_GDB_LIMITS);
if (prepared === null) throw new Error('gdb is not installed');
becomeUnprivileged();
const { cage, place } = prepared;
const [count = 0] = process.argv.slice(2).map(Number);
const descriptors = Array.from({ length: count }, (_, index) => memfdCreate(`given-${index}`));
const { root, cwd, top } = place;
const session = new GdbSession({
  ...DEFAULT_GDB_LIMITS,
  ...{ descriptors, cwd, root, seen: [top], user: null, prepared: cage },
});
const python = async (code: string) => {
  const hex = Buffer.from(code).toString('hex');
  const reply = await session.sendConsole(`python exec(bytes.fromhex('${hex}').decode())`);
  return reply.ok ? reply.text.trim() : reply.reason;
};
const shown = {
  status: await python("print(open('/proc/self/status').read())"),
  root: await python("import os; print(','.join(sorted(os.listdir('/'))))"),
  processes: await python("import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"),
  users: await python("import os; print(os.readlink('/proc/self/ns/user'))"),
  descriptors: await python(
    `import os; print(','.join(os.readlink('/proc/self/fd/%d' % fd) for fd in range(5, ${5 + count})))`,
  ),
  written: await python(`import os\ntry: os.mkdir('${place.absolute}/x')\nexcept OSError: print('refused')`),
  lacks: session.missingParts(),
  ownUsers: readlinkSync('/proc/self/ns/user'),
};
await session.close();
prepared.close();
console.log(JSON.stringify(shown));
