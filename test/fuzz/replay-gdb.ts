import { readFileSync, readSync, writeSync } from 'node:fs';

/**
 * In place of gdb: prints what a real one once printed, a prompt's worth for every command, whatever the command is.
 *
 *   replay-gdb.ts FILE
 */
const printed = readFileSync(process.argv[2] ?? '', 'latin1');
/** Each with the prompt that ends it. */
const parts = printed.split(/(?<=^\(gdb\) ?\n)/m);
const print = (part: string | undefined) => {
  const bytes = Buffer.from(part ?? '', 'latin1');
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};
const buffer = Buffer.alloc(64 * 1024);
print(parts.shift());
while (parts.length > 0) {
  const count = readSync(0, buffer);
  if (count === 0) break;
  const commands = buffer.toString('latin1', 0, count).split('\n').length - 1;
  for (const part of parts.splice(0, commands)) print(part);
}
