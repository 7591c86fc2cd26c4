/**
 * Reads a journal file again and again, each time with some of its bits flipped: a program of its own, since
 * libsystemd is C code that might crash. Prints how many were read and how many refused.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Journal, JournalError } from 'systemd-journal-reader';

const ROUNDS = 150;
let seed = 20_260_731;
/** A linear congruential generator (Numerical Recipes): the same damage in every run. */
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

const [, , file = ''] = process.argv;
const whole = readFileSync(file);
// What lies behind the last entry is empty space, where damage would do nothing.
const used = whole.findLastIndex((byte) => byte !== 0) + 1;
const counts = { seed, read: 0, refused: 0, entries: 0 };
for (let round = 0; round < ROUNDS; round++) {
  const damaged = Buffer.from(whole);
  // Every third round the header, the others anywhere.
  for (let flip = 0; flip < 8; flip++) {
    const at = random(round % 3 === 0 ? 272 : used);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
  }
  const path = `${file}.${round}.journal`;
  writeFileSync(path, damaged);
  try {
    using journal = Journal.open({ files: [path] });
    for (const entry of journal.entries({ limit: 1000, cursor: true }))
      counts.entries += entry.toJSON() ? 1 : 0;
    for (const _ of journal.seekTail().entries({ limit: 1000, direction: 'backward' })) counts.entries += 1;
    journal.uniqueValues('MESSAGE', 1000);
    journal.boots();
    counts.read += 1;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    counts.refused += 1;
  } finally {
    rmSync(path);
  }
}
console.log(JSON.stringify(counts));
